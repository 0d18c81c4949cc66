import { type Data, sizeOf } from "../dsl/array.js";
import type { ScalarOp, Step } from "../dsl/net.js";
import type { Conv2dAttrs, Op, PrimitiveAttrs, PrimitiveName, Program, Value, ValueId } from "./program.js";

/** An operand of an elementwise operation: a value, or a number. */
export type Operand = ValueId | { readonly constant: number };
/** A number as an operand. */
export const constant = (value: number): Operand => ({ constant: value });

type Shape = readonly number[];

/** The NumPy broadcast of shapes; a RangeError where they do not fit. */
export function broadcastShapes(...shapes: readonly Shape[]): number[] {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = new Set(shapes.map((s) => s[i - rank + s.length] ?? 1).filter((d) => d !== 1));
    if (sizes.size > 1)
      throw new RangeError(`shapes ${shapes.map((s) => `[${s.join(", ")}]`).join(", ")} do not broadcast`);
    return [...sizes][0] ?? 1;
  });
}

/** Writes a program, operation by operation. Every method appends one primitive and gives its value. */
export class ProgramBuilder {
  readonly values: Value[] = [];
  readonly ops: Op[] = [];
  readonly constants = new Map<ValueId, Data>();
  readonly inputs: Record<string, ValueId> = {};
  readonly state: Record<string, ValueId> = {};
  readonly outputs: Record<string, ValueId> = {};
  readonly updates: Record<string, ValueId> = {};
  /** Values that gradients do not pass. */
  readonly detached = new Set<ValueId>();
  /** The path that new operations are said to come from. */
  node = "";

  /** Goes on with a program. */
  static from(program: Program): ProgramBuilder {
    const { values, ops, inputs, state, constants, outputs, updates } = program;
    return Object.assign(new ProgramBuilder(), {
      values: [...values],
      ops: [...ops],
      inputs: { ...inputs },
      state: { ...state },
      constants: new Map(constants),
      outputs: { ...outputs },
      updates: { ...updates },
    });
  }

  #value(shape: Shape, dtype: Value["dtype"] = "float32"): ValueId {
    return this.values.push({ dtype, shape }) - 1;
  }
  #op<P extends PrimitiveName>(
    prim: P,
    attrs: PrimitiveAttrs[P],
    inputs: readonly ValueId[],
    outputs: readonly ValueId[],
  ): void {
    this.ops.push({ prim, attrs, inputs, outputs, node: this.node } as unknown as Op);
  }
  #emit<P extends PrimitiveName>(
    prim: P,
    attrs: PrimitiveAttrs[P],
    inputs: readonly ValueId[],
    shape: Shape,
    dtype: Value["dtype"] = "float32",
  ): ValueId {
    const id = this.#value(shape, dtype);
    this.#op(prim, attrs, inputs, [id]);
    return id;
  }

  shape(id: ValueId): Shape {
    return this.value(id).shape;
  }
  value(id: ValueId): Value {
    const value = this.values[id];
    if (!value) throw new RangeError(`the program has no value ${id}`);
    return value;
  }

  input(name: string, shape: Shape, dtype: Value["dtype"] = "float32"): ValueId {
    this.inputs[name] ??= this.#value(shape, dtype);
    return this.inputs[name];
  }
  stateful(name: string, shape: Shape, dtype: Value["dtype"] = "float32"): ValueId {
    this.state[name] ??= this.#value(shape, dtype);
    return this.state[name];
  }
  constant(data: Data, shape: Shape): ValueId {
    const id = this.#value(shape, data instanceof Int32Array ? "int32" : "float32");
    this.constants.set(id, data);
    return id;
  }

  /** One elementwise function of broadcast operands: f(a, b, …). */
  apply(op: ScalarOp, ...operands: readonly Operand[]): ValueId {
    const ids = operands.filter((o) => typeof o === "number");
    const body: Step[] = [];
    let next = 0;
    for (const o of operands)
      body.push(
        typeof o === "number" ? { op: "input", name: `${next++}` } : { op: "constant", value: o.constant },
      );
    body.push({ op, args: operands.map((_, i) => i) });
    const shape = broadcastShapes(...ids.map((id) => this.shape(id)));
    return this.#emit("elementwise", { body, results: [body.length - 1] }, ids, shape);
  }
  /** The same numbers, repeated along the axes of size 1 up to `shape`. */
  broadcast(x: ValueId, shape: Shape): ValueId {
    if (sameShape(this.shape(x), shape)) return x;
    return this.#emit("elementwise", { body: [{ op: "input", name: "0" }], results: [0] }, [x], shape);
  }
  /** Integers as reals; reals as they are. */
  real(x: ValueId): ValueId {
    if (this.value(x).dtype === "float32") return x;
    return this.#emit(
      "elementwise",
      { body: [{ op: "input", name: "0" }], results: [0] },
      [x],
      this.shape(x),
    );
  }
  /** The nearest whole numbers within min … max, as int32: halves go upwards, NaN to min. */
  integer(x: ValueId, min: number, max: number): ValueId {
    const near = this.apply("floor", this.apply("add", x, constant(0.5)));
    const within = this.apply("le", constant(min), near);
    const kept = this.apply("select", within, this.apply("min", near, constant(max)), constant(min));
    const body: readonly Step[] = [{ op: "input", name: "0" }];
    return this.#emit("elementwise", { body, results: [0] }, [kept], this.shape(x), "int32");
  }
  /** An array of equal numbers. */
  fill(value: number, shape: Shape): ValueId {
    return this.#emit("elementwise", { body: [{ op: "constant", value }], results: [0] }, [], shape);
  }

  /** Of matrices, or of stacks of them ([g, m, k]·[g, k, n]; one stack may have g = 1). */
  matmul(a: ValueId, b: ValueId, { transposeA = false, transposeB = false } = {}): ValueId {
    const m = this.shape(a).at(transposeA ? -1 : -2) as number;
    const n = this.shape(b).at(transposeB ? -2 : -1) as number;
    const stack = broadcastShapes(this.shape(a).slice(0, -2), this.shape(b).slice(0, -2));
    return this.#emit("matmul", { transposeA, transposeB }, [a, b], [...stack, m, n]);
  }
  /** `size` is that of the output's images. */
  conv2d(x: ValueId, filter: ValueId, attrs: Conv2dAttrs, size: readonly [number, number]): ValueId {
    const shape = [this.shape(x)[0] as number, ...size, this.shape(filter)[3] as number];
    return this.#emit("conv2d", attrs, [x, filter], shape);
  }
  /** The transpose of `conv2d` in x; `size` is that of the images that it gives. */
  conv2dInput(dy: ValueId, filter: ValueId, attrs: Conv2dAttrs, size: readonly [number, number]): ValueId {
    const shape = [this.shape(dy)[0] as number, ...size, (this.shape(filter)[2] as number) * attrs.groups];
    return this.#emit("conv2dInput", attrs, [dy, filter], shape);
  }
  /** The transpose of `conv2d` in the filter; `size` is the filter's. */
  conv2dFilter(x: ValueId, dy: ValueId, attrs: Conv2dAttrs, size: readonly [number, number]): ValueId {
    const shape = [...size, (this.shape(x)[3] as number) / attrs.groups, this.shape(dy)[3] as number];
    return this.#emit("conv2dFilter", attrs, [x, dy], shape);
  }
  /** Axis i of the result is axis order[i] of x. */
  transpose(x: ValueId, order: readonly number[]): ValueId {
    if (order.every((axis, i) => axis === i)) return x;
    const shape = order.map((axis) => this.shape(x)[axis] as number);
    return this.#emit("transpose", { order }, [x], shape, this.value(x).dtype);
  }
  softmax(x: ValueId): ValueId {
    return this.#emit("softmax", {}, [x], this.shape(x));
  }
  /** y, mean and rate over `axes`, which stay with size 1 in the last two. */
  normalize(x: ValueId, attrs: PrimitiveAttrs["normalize"]): [y: ValueId, mean: ValueId, rate: ValueId] {
    const shape = this.shape(x);
    const kept = shape.map((d, i) => (attrs.axes.includes(i) ? 1 : d));
    const outputs = [this.#value(shape), this.#value(kept), this.#value(kept)] as const;
    this.#op("normalize", attrs, [x], outputs);
    return [...outputs];
  }
  normalizeGradient(
    g: ValueId,
    y: ValueId,
    rate: ValueId,
    attrs: PrimitiveAttrs["normalizeGradient"],
  ): ValueId {
    return this.#emit("normalizeGradient", attrs, [g, y, rate], this.shape(y));
  }
  /** y and the logarithm of the softmax's denominator. */
  attention(
    q: ValueId,
    k: ValueId,
    v: ValueId,
    attrs: PrimitiveAttrs["attention"],
  ): [y: ValueId, l: ValueId] {
    const [g, n] = this.shape(q) as [number, number, number];
    const y = this.#value([g, n, this.shape(v)[2] as number]);
    const l = this.#value([g, n, 1]);
    this.#op("attention", attrs, [q, k, v], [y, l]);
    return [y, l];
  }
  attentionGradient(
    inputs: readonly [q: ValueId, k: ValueId, v: ValueId, y: ValueId, l: ValueId, dy: ValueId],
    attrs: PrimitiveAttrs["attentionGradient"],
  ): [dq: ValueId, dk: ValueId, dv: ValueId] {
    const [q, k, v] = inputs;
    const outputs = [
      this.#value(this.shape(q)),
      this.#value(this.shape(k)),
      this.#value(this.shape(v)),
    ] as const;
    this.#op("attentionGradient", attrs, inputs, outputs);
    return [...outputs];
  }
  /** Over `axes`, which stay with size 1. */
  reduce(kind: "sum" | "max", x: ValueId, axes: readonly number[]): ValueId {
    const shape = this.shape(x);
    if (axes.every((axis) => shape[axis] === 1)) return x;
    return this.#emit(
      "reduce",
      { kind, axes: [...axes].sort((a, b) => a - b) },
      [x],
      shape.map((d, i) => (axes.includes(i) ? 1 : d)),
    );
  }
  reshape(x: ValueId, shape: Shape): ValueId {
    return sameShape(this.shape(x), shape) ? x : this.#emit("reshape", {}, [x], shape, this.value(x).dtype);
  }
  concat(xs: readonly ValueId[], axis: number): ValueId {
    const [first] = xs;
    if (first === undefined) throw new RangeError("concat takes at least one value");
    if (xs.length === 1) return first;
    const size = xs.reduce((sum, x) => sum + (this.shape(x)[axis] as number), 0);
    return this.#emit("concat", { axis }, xs, this.shape(first).with(axis, size));
  }
  /** x[begin + i·stride] for `size` places i; strides are 1 by default. */
  slice(
    x: ValueId,
    begin: readonly number[],
    size: Shape,
    strides: readonly number[] = size.map(() => 1),
  ): ValueId {
    if (sameShape(this.shape(x), size)) return x;
    return this.#emit("slice", { begin, strides }, [x], size, this.value(x).dtype);
  }
  /** x[i] at before + i·stride of an array of `shape` that is `value` elsewhere. */
  pad(
    x: ValueId,
    before: readonly number[],
    shape: Shape,
    { strides = shape.map(() => 1), value = 0 }: { strides?: readonly number[]; value?: number } = {},
  ): ValueId {
    return sameShape(this.shape(x), shape) ? x : this.#emit("pad", { before, strides, value }, [x], shape);
  }
  gather(table: ValueId, indices: ValueId, from = 0): ValueId {
    const { shape, dtype } = this.value(table);
    return this.#emit(
      "gather",
      { from },
      [table, indices],
      [...this.shape(indices), ...shape.slice(1)],
      dtype,
    );
  }
  scatterAdd(indices: ValueId, updates: ValueId, rows: number, from = 0): ValueId {
    return this.#emit("scatterAdd", { from }, [indices, updates], [rows, ...this.shape(updates).slice(1)]);
  }
  random(attrs: PrimitiveAttrs["random"], key: ValueId, shape: Shape): ValueId {
    return this.#emit("random", attrs, [key], shape, attrs.kind === "integer" ? "int32" : "float32");
  }

  /** The transpose of broadcasting: sums `x` down to `shape`. */
  sumTo(x: ValueId, shape: Shape): ValueId {
    const from = this.shape(x);
    const lead = from.length - shape.length;
    const axes = from.flatMap((d, i) => (d !== 1 && (i < lead || shape[i - lead] === 1) ? [i] : []));
    return this.reshape(this.reduce("sum", x, axes), shape);
  }
  /** Mean over `axes`, which stay with size 1. */
  mean(x: ValueId, axes: readonly number[]): ValueId {
    const count = sizeOf(axes.map((axis) => this.shape(x)[axis] as number));
    return this.apply("mul", this.reduce("sum", x, axes), constant(1 / count));
  }

  program(): Program {
    const { values, ops, inputs, state, constants, outputs, updates } = this;
    return { values, ops, inputs, state, constants, outputs, updates };
  }
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);
