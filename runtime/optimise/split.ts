import type { Step } from "../../dsl/net.js";
import type { OpOf, ValueId } from "../program.js";

type Elementwise = OpOf<"elementwise">;

const argsOf = (step: Step): readonly number[] => ("args" in step ? step.args : []);

/**
 * An elementwise operation as two, the first of which gives the one result through which all others know `input`, and
 * the second the others, from it. Undefined where there is no such result.
 */
export function splitBehind(
  op: Elementwise,
  input: ValueId,
): readonly [Elementwise, Elementwise] | undefined {
  const { body, results } = op.attrs;
  const reads = (step: Step): boolean => step.op === "input" && op.inputs[Number(step.name)] === input;
  /** Which steps know the input, without that at `wall`. */
  const knowing = (wall?: number): readonly boolean[] => {
    const known: boolean[] = [];
    body.forEach((step, at) => {
      known.push(at !== wall && (reads(step) || argsOf(step).some((arg) => known[arg])));
    });
    return known;
  };
  const known = knowing();
  const found = results.findIndex((wall) => {
    const behind = knowing(wall);
    return known[wall] && results.every((at) => at === wall || !behind[at]);
  });
  if (found < 0) return undefined;
  const [wall, gate] = [results[found] as number, op.outputs[found] as ValueId];
  const others = results.toSpliced(found, 1);
  if (others.includes(wall)) return undefined;
  const first = rebuilt(op, [wall], [gate]);
  return [first, rebuilt(op, others, op.outputs.toSpliced(found, 1), { at: wall, id: gate })];
}

/** The operation of these results alone; the step at `known.at` is the value `known.id`. */
function rebuilt(
  op: Elementwise,
  results: readonly number[],
  outputs: readonly ValueId[],
  known?: { readonly at: number; readonly id: ValueId },
): Elementwise {
  const body: Step[] = [];
  const inputs: ValueId[] = [];
  const places = new Map<number, number>();
  const read = (id: ValueId): number => {
    const name = inputs.includes(id) ? inputs.indexOf(id) : inputs.push(id) - 1;
    return body.push({ op: "input", name: `${name}` }) - 1;
  };
  const write = (at: number): number => {
    const done = places.get(at);
    if (done !== undefined) return done;
    const step = op.attrs.body[at] as Step;
    let place: number;
    if (at === known?.at) place = read(known.id);
    else if (step.op === "input") place = read(op.inputs[Number(step.name)] as ValueId);
    else if ("args" in step) place = body.push({ ...step, args: step.args.map(write) } as Step) - 1;
    else place = body.push(step) - 1;
    places.set(at, place);
    return place;
  };
  return { ...op, inputs, outputs, attrs: { results: results.map(write), body } };
}
