import { scalarOps } from "../../dsl/expression.js";
import type { ScalarOp, Step } from "../../dsl/net.js";
import { sameShape } from "../builder.js";
import type { Op, OpOf, Program, ValueId } from "../program.js";
import { type Before, rearranged } from "./rearrange.js";

/** What an operand of an elementwise function is known to be: a value of the program, or one number throughout. */
type Known = { readonly id: ValueId } | { readonly number: number };

/**
 * One forward sweep: arithmetic on known numbers is done, identities (x · 1, x + 0, a reshape of a reshape, a
 * transpose of a transpose) vanish, and operations with the same inputs become one. Values keep their ids; those replaced are read no more.
 */
export function simplify(program: Program): Program {
  const { values } = program;
  const replaced = new Map<ValueId, ValueId>();
  const numbers = new Map<ValueId, number>();
  const seen = new Map<string, readonly ValueId[]>();
  const source = new Map<ValueId, ValueId>();
  const now = (id: ValueId): ValueId => replaced.get(id) ?? id;
  const shapeOf = (id: ValueId): readonly number[] => values[id]?.shape ?? [];

  const makers = new Map<ValueId, Op>();
  const reductions = new Map<ValueId, OpOf<"reduce">[]>();
  const known: Before = {
    values,
    maker: (id) => makers.get(id),
    reductions: (id) => reductions.get(id) ?? [],
  };

  const given = new Set(Object.values(program.outputs));
  const changing = new Set(Object.keys(program.updates).map((name) => program.state[name]));
  /** Puts `id` in the place of `out`; not where an output would turn into a state, and so into its next value. */
  const replace = (out: ValueId, id: ValueId): boolean => {
    if (given.has(out) && changing.has(id)) return false;
    replaced.set(out, id);
    return true;
  };

  const ops: Op[] = [];
  for (const before of program.ops) {
    const moved = rearranged({ ...before, inputs: before.inputs.map(now) } as Op, known);
    const [out] = before.outputs as [ValueId];
    if (typeof moved === "number" && replace(out, moved)) continue;
    let op = typeof moved === "number" ? ({ ...before, inputs: before.inputs.map(now) } as Op) : moved;
    if (op.prim === "elementwise") {
      const simple = simplifyElementwise(op);
      if (typeof simple !== "number") op = simple;
      else if (replace(out, simple)) continue;
    } else if (op.prim === "reshape") {
      const [x] = op.inputs as [ValueId];
      const number = numbers.get(x);
      if (number !== undefined) op = filled(op, number);
      else {
        const root = source.get(x) ?? x;
        if (sameShape(shapeOf(root), shapeOf(out)) && replace(out, root)) continue;
        source.set(out, root);
        op = { ...op, inputs: [root] };
      }
    }
    if (op.prim === "elementwise" && op.inputs.length === 0 && op.attrs.body.length === 1) {
      const [step] = op.attrs.body;
      if (step?.op === "constant")
        numbers.set(out, values[out]?.dtype === "int32" ? Math.trunc(step.value) : step.value);
    }
    const { shape, dtype } = values[out] as Program["values"][number];
    const key = JSON.stringify([op.prim, op.attrs, op.inputs, shape, dtype]);
    const twin = seen.get(key);
    if (twin) op.outputs.forEach((id, i) => replaced.set(id, twin[i] as ValueId));
    else {
      seen.set(key, op.outputs);
      ops.push(op);
      for (const id of op.outputs) makers.set(id, op);
      if (op.prim === "reduce") {
        const [x] = op.inputs as [ValueId];
        reductions.set(x, [...(reductions.get(x) ?? []), op]);
      }
    }
  }
  const rename = (record: Readonly<Record<string, ValueId>>): Record<string, ValueId> =>
    Object.fromEntries(Object.entries(record).map(([name, id]) => [name, now(id)]));
  return { ...program, ops, outputs: rename(program.outputs), updates: rename(program.updates) };

  function filled(op: Op, value: number): Op {
    const attrs = { body: [{ op: "constant", value } as const], results: [0] };
    return { prim: "elementwise", attrs, inputs: [], outputs: op.outputs, node: op.node };
  }

  /** The operation with known numbers folded in; or the value that it equals. */
  function simplifyElementwise(op: Extract<Op, { prim: "elementwise" }>): Op | ValueId {
    const last = op.attrs.body.at(-1) as Step;
    if (op.attrs.results.length !== 1 || last.op === "lookup" || last.op === "constant") return op;
    const [out] = op.outputs as [ValueId];
    const known = (name: string): Known => {
      const id = op.inputs[Number(name)] as ValueId;
      const number = numbers.get(id);
      return number === undefined ? { id } : { number };
    };
    // a value can stand for the result where it has its shape and both are floats
    const stands = (x: Known | undefined): x is { id: ValueId } =>
      x !== undefined &&
      "id" in x &&
      sameShape(shapeOf(x.id), shapeOf(out)) &&
      [x.id, out].every((id) => values[id]?.dtype === "float32");
    if (last.op === "input") {
      const x = known(last.name);
      return "number" in x ? filled(op, x.number) : stands(x) ? x.id : op;
    }
    const operands = last.args.map((at): Known => {
      const step = op.attrs.body[at] as Step;
      return step.op === "constant" ? { number: step.value } : known((step as { name: string }).name);
    });
    if (operands.every((x) => "number" in x)) {
      const [a = 0, b = 0, c = 0] = operands.map((x) => x.number);
      return filled(op, scalarOps[last.op].evaluate(a, b, c));
    }
    const same = identity(last.op, operands);
    if (stands(same)) return same.id;
    return rebuilt(op, last.op, operands);
  }
}

/** The operand that the result equals, if one is plain. */
function identity(op: ScalarOp, [x, y, z]: readonly Known[]): Known | undefined {
  const is = (operand: Known | undefined, value: number): boolean =>
    operand !== undefined && "number" in operand && Object.is(operand.number, value);
  if (op === "add") return is(x, 0) ? y : is(y, 0) ? x : undefined;
  if (op === "sub") return is(y, 0) ? x : undefined;
  if (op === "mul") return is(x, 1) ? y : is(y, 1) ? x : undefined;
  if (op === "div" || op === "pow") return is(y, 1) ? x : undefined;
  if (op === "select" && x && "number" in x) return x.number !== 0 ? y : z;
  return undefined;
}

/** The one-step operation on these operands, each value read once. */
function rebuilt(op: Extract<Op, { prim: "elementwise" }>, f: ScalarOp, operands: readonly Known[]): Op {
  const inputs: ValueId[] = [];
  const body: Step[] = [];
  const args = operands.map((x) => {
    if ("number" in x) return body.push({ op: "constant", value: x.number }) - 1;
    const at = inputs.indexOf(x.id);
    if (at >= 0) return body.findIndex((s) => s.op === "input" && s.name === `${at}`);
    return body.push({ op: "input", name: `${inputs.push(x.id) - 1}` }) - 1;
  });
  body.push({ op: f, args });
  return { ...op, inputs, attrs: { body, results: [body.length - 1] } };
}
