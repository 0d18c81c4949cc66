import type { PrimitiveAttrs } from "../../program.js";
import { type Dispatch, forEach } from "./kernel.js";
import { address, type Params, type Place } from "./views.js";

const ulp = "5.9604644775390625e-8";

/** The random numbers of `dsl/random.ts`, a word of the generator for each thread. `key` is (seed, step, first). */
export function random(draw: PrimitiveAttrs["random"], key: Place, out: Place, count: number): Dispatch[] {
  if (count === 0) return [];
  const params: Params = { stream: draw.stream };
  const word = (i: number): string => address(`key${i}`, { ...key, at: key.at + i }, [], params);
  const drawn = {
    normal: "bitcast<u32>(normal(x >> 8u, y >> 8u))",
    uniform: `bitcast<u32>(f32(x >> 8u) * ${ulp})`,
    integer: "select(x, x % max(p.range, 1u), p.range != 0u) + p.least",
  };
  if (draw.kind === "integer") Object.assign(params, { least: draw.min, range: draw.max - draw.min + 1 });
  const store = address("y", out, ["i"], params);
  return [
    forEach(count, { params, define: hash, needs: draw.kind === "normal" ? ["normal"] : [] }, [
      `let key = vec3<u32>(${word(2)} + i, ${word(1)}, pcg(${word(0)} + pcg(p.stream)));`,
      "let drawn = pcg3d(key);",
      "let x = drawn.x;",
      "let y = drawn.y;",
      `${store} = ${drawn[draw.kind]};`,
    ]),
  ];
}

const hash = `fn pcg(x: u32) -> u32 {
  let s = x * 747796405u + 2891336453u;
  let w = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u;
  return (w >> 22u) ^ w;
}
fn pcg3d(key: vec3<u32>) -> vec3<u32> {
  var v = key * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3<u32>(16u);
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  return v;
}`;
