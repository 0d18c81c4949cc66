import type { Epilogue, ValueId } from "../../program.js";
import { type Context, valueAt } from "../tfjs/rows.js";
import { glslOf } from "./glsl.js";
import type { Layout, TextureMemory } from "./memory.js";
import { operandAt } from "./operand.js";
import type { Shader } from "./shader.js";

/**
 * Defines `vec4 finish(vec4 product, int t)`: what is done to texel t of the product before it is stored. The
 * operation's inputs after its first two are the operands from `first` on.
 */
export function finishing(
  shader: Shader,
  { attrs, inputs, outputs }: { attrs: Epilogue; inputs: readonly ValueId[]; outputs: readonly ValueId[] },
  context: Context<TextureMemory>,
  layouts: readonly Layout[],
  first = 2,
): void {
  const body = attrs.epilogue;
  if (!body) {
    shader.define("vec4 finish(vec4 product, int t) { return product; }");
    return;
  }
  const output = valueAt(context, outputs[0]).shape;
  inputs.slice(2).forEach((id, k) => {
    operandAt(shader, first + k, layouts[first + k] as Layout, valueAt(context, id).shape, output);
  });
  const last = body.length - 1;
  const { define, main } = glslOf(
    body,
    [last],
    (k) => (k === 0 ? "product" : `o${first + k - 1}(t)`),
    (value) => shader.rate(value),
  );
  shader.define(`${define} vec4 finish(vec4 product, int t) { ${main} return s${last}; }`);
}
