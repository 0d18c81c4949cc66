import { sizeOf } from "../../../dsl/array.js";
import type { Step } from "../../../dsl/net.js";
import { type Dispatch, forEach } from "./kernel.js";
import { address, numberOf, type Params, type View, walk, wordOf } from "./views.js";
import { bodyOf } from "./wgsl.js";

/** out = f(inputs) over loops of `sizes`: one thread for each element, one text for all sizes. */
export function elementwise(
  body: readonly Step[],
  results: readonly number[],
  sizes: readonly number[],
  inputs: readonly View[],
  outputs: readonly View[],
): Dispatch[] {
  const count = sizeOf(sizes);
  if (count === 0) return [];
  const params: Params = {};
  const views = [...inputs, ...outputs];
  const { lines, terms } = walk("i", "i", { sizes, strides: views.map((v) => v.strides) }, params);
  const word = (name: string, v: number): string =>
    address(name, views[v] as View, [terms[v] as string], params);
  const words = {
    inputs: inputs.map((_, k) => word(`x${k}`, k)),
    outputs: outputs.map((_, k) => word(`y${k}`, inputs.length + k)),
  };
  const { lines: steps, needs } = bodyOf(body, results, (k) =>
    numberOf(words.inputs[k] as string, (inputs[k] as View).dtype),
  );
  const stores = results.map(
    (at, k) => `${words.outputs[k]} = ${wordOf(`s${at}`, (outputs[k] as View).dtype)};`,
  );
  return [forEach(count, { params, needs }, [...lines, ...steps, ...stores])];
}

const identity: readonly Step[] = [{ op: "input", name: "0" }];

/** Copies a box of `sizes`, word by word where the types are equal; nothing where it lies in its place already. */
export function copyBox(sizes: readonly number[], from: View, to: View): Dispatch[] {
  if (from.dtype !== to.dtype) return elementwise(identity, [0], sizes, [from], [to]);
  const count = sizeOf(sizes);
  if (count === 0 || (from.space === to.space && from.at === to.at)) return [];
  const params: Params = {};
  const { lines, terms } = walk("i", "i", { sizes, strides: [from.strides, to.strides] }, params);
  const source = address("x0", from, [terms[0] as string], params);
  const target = address("y0", to, [terms[1] as string], params);
  return [forEach(count, { params }, [...lines, `${target} = ${source};`])];
}
