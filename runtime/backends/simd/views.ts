/** Arrays as the loops of an elementwise function see them, with as few loops as they allow. */

/** Numbers in memory: element (i₀, i₁, …) of the loops lies at address + 4·Σ iₐ·strides[a] bytes. */
export interface View {
  readonly address: number;
  readonly dtype: "float32" | "int32";
  readonly strides: readonly number[];
}
export interface Loops {
  /** Outermost first; at least one, of which the last has stride 1 in every output, 0 or 1 in every input. */
  readonly sizes: readonly number[];
  readonly inputs: readonly View[];
  readonly outputs: readonly View[];
}

/** Whether an output's numbers are sums: it stays in its place along a loop. */
export const isSummed = ({ strides }: View, sizes: readonly number[]): boolean =>
  strides.some((stride, axis) => stride === 0 && (sizes[axis] as number) > 1);

/** Row-major strides, in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** The strides of an array of `shape` broadcast to `to`, after NumPy: 0 along the axes that are repeated. */
export function broadcastStrides(shape: readonly number[], to: readonly number[]): number[] {
  const own = stridesOf(shape);
  const lead = to.length - shape.length;
  return to.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : (own[axis - lead] as number)));
}

/** Drops axes of size 1, and joins neighbours that every view walks through as one. */
export function mergeLoops({ sizes, inputs, outputs }: Loops): Loops {
  const views = [...inputs, ...outputs];
  const merged: { size: number; strides: number[] }[] = [];
  sizes.forEach((size, axis) => {
    if (size === 1) return;
    const strides = views.map((view) => view.strides[axis] as number);
    const last = merged.at(-1);
    if (last?.strides.every((stride, v) => stride === (strides[v] as number) * size)) {
      last.size *= size;
      last.strides = strides;
    } else merged.push({ size, strides });
  });
  const inner = merged.at(-1)?.strides;
  const unit = inner?.every((stride, v) => stride === 1 || (stride === 0 && v < inputs.length));
  if (!unit) merged.push({ size: 1, strides: views.map((_, v) => (v < inputs.length ? 0 : 1)) });
  const rewritten = views.map((view, v) => ({
    ...view,
    strides: merged.map(({ strides }) => strides[v] as number),
  }));
  return {
    sizes: merged.map(({ size }) => size),
    inputs: rewritten.slice(0, inputs.length),
    outputs: rewritten.slice(inputs.length),
  };
}

/** Numbers of a cache line: the least part of what lies side by side. */
export const lineNumbers = 16;

/** Into how many parts merged loops may be cut: turns of the outermost, or lines of the only one. */
export const loopPieces = ({ sizes }: Loops): number =>
  sizes.length === 1 ? Math.ceil((sizes[0] as number) / lineNumbers) : (sizes[0] as number);

/** The parts `from` … `to` − 1 of merged loops. */
export function partOfLoops({ sizes, inputs, outputs }: Loops, from: number, to: number): Loops {
  const [outer, ...rest] = sizes as [number, ...number[]];
  const each = rest.length === 0 ? lineNumbers : 1;
  const move = (view: View): View => ({
    ...view,
    address: view.address + 4 * from * each * (view.strides[0] as number),
  });
  return {
    sizes: [Math.min(outer, to * each) - from * each, ...rest],
    inputs: inputs.map(move),
    outputs: outputs.map(move),
  };
}

/** Of the values that merged loops walk through, those that are cut as the loops are: numbers of one part. */
export function cutOf(
  { sizes, inputs, outputs }: Loops,
  inputIds: readonly number[],
  outputIds: readonly number[],
): Map<number, number> {
  const each = sizes.length === 1 ? lineNumbers : 1;
  const cut = new Map<number, number>();
  const add = (views: readonly View[], ids: readonly number[]): void =>
    ids.forEach((id, v) => {
      const strides = (views[v] as View).strides;
      const stride = strides[0] as number;
      const within = strides.slice(1).reduce((n, s, i) => n + s * ((sizes[i + 1] as number) - 1), 0);
      if (stride > within) cut.set(id, each * stride);
      else whole.add(id);
    });
  const whole = new Set<number>();
  add(inputs, inputIds);
  add(outputs, outputIds);
  for (const id of whole) cut.delete(id);
  return cut;
}
