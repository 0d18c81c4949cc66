import { sizeOf } from "../../dsl/array.js";
import type { ProgramBuilder } from "../builder.js";
import type { ValueId } from "../program.js";
import { type Lowering, project } from "./context.js";

/** Every head of every example is one of a stack: [b, n, c] → [b·heads, n, c/heads]. */
function split(b: ProgramBuilder, x: ValueId, heads: number): ValueId {
  const [batch, n, c] = b.shape(x) as [number, number, number];
  const parts = b.reshape(x, [batch, n, heads, c / heads]);
  const stack = heads === 1 || n === 1 ? parts : b.transpose(parts, [0, 2, 1, 3]);
  return b.reshape(stack, [batch * heads, n, c / heads]);
}

/** Back: [b·heads, n, d] → [b, n, heads·d]. */
function joined(b: ProgramBuilder, x: ValueId, heads: number): ValueId {
  const [g, n, d] = b.shape(x) as [number, number, number];
  const parts = b.reshape(x, [g / heads, heads, n, d]);
  const rows = heads === 1 || n === 1 ? parts : b.transpose(parts, [0, 2, 1, 3]);
  return b.reshape(rows, [g / heads, n, heads * d]);
}

/** Multi-head attention of a sequence or of an image's positions to itself or to a context. */
export const attention: Lowering = ({ b, options, parameter }, x = -1, context = x) => {
  const heads = options.heads as number;
  /** The positions in a row: [b, n, c]. */
  const positions = (of: ValueId): ValueId => {
    const shape = b.shape(of);
    return b.reshape(of, [shape[0] as number, sizeOf(shape.slice(1, -1)), shape.at(-1) as number]);
  };
  const through = (field: string, of: ValueId): ValueId =>
    project(
      b,
      of,
      parameter(`${field}Weight`),
      options.bias === false ? undefined : parameter(`${field}Bias`),
    );
  const [q, z] = [positions(x), positions(context)];
  const [queries, keys, values] = [through("query", q), through("key", z), through("value", z)].map((rows) =>
    split(b, rows, heads),
  ) as [ValueId, ValueId, ValueId];
  const scale = 1 / Math.sqrt(b.shape(queries)[2] as number);
  const [y] = b.attention(queries, keys, values, { scale, causal: options.causal as boolean });
  return b.reshape(through("output", joined(b, y, heads)), b.shape(x));
};
