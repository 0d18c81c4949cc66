import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "../../builder.js";
import { optimise } from "../../optimise/index.js";
import type { Program, Value } from "../../program.js";
import { emit } from "./emit.js";
import { webgpu } from "./index.js";
import { placeStates } from "./layout.js";

const emitted = (program: Program) => {
  const optimised = optimise(program, webgpu);
  return emit(optimised, placeStates(optimised, new Map()).places);
};

test("an elementwise run is one program, its sizes parameters", () => {
  const of = (rows: number): Program => {
    const b = new ProgramBuilder();
    const sum = b.apply("add", b.input("x", [rows, 4]), b.stateful("bias", [4]));
    b.outputs.y = b.apply("max", b.apply("relu", sum), b.input("n", [], "int32"));
    return b.program();
  };
  const { tasks } = emitted(of(300));
  assert.is(tasks.length, 1);
  assert.equal(tasks[0]?.groups, [Math.ceil((300 * 4) / 256), 1, 1]);
  assert.is(emitted(of(7)).tasks[0]?.code, tasks[0]?.code);
  assert.snapshot(
    tasks[0]?.code ?? "",
    `struct Params {
  count: u32,
  iSize1: u32,
  x0: u32,
  x1: u32,
  x2: u32,
  y0: u32,
}
@group(0) @binding(0) var<storage, read_write> memory: array<u32>;
@group(0) @binding(1) var<storage, read_write> states: array<u32>;
@group(0) @binding(2) var<uniform> p: Params;
fn isNaN(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn pick(c: bool, a: f32, b: f32) -> f32 { return select(b, a, c); }
fn max_(a: f32, b: f32) -> f32 { return pick(a < b, b, pick(isNaN(b), b, a)); }
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 256u;
  if (i >= p.count) { return; }
  let i1 = i % p.iSize1;
  let s0 = bitcast<f32>(memory[p.x0 + i]);
  let s1 = bitcast<f32>(states[p.x1 + i1]);
  let s2 = s0 + s1;
  let s3 = pick(s2 < 0.0, 0.0, s2);
  let s4 = f32(bitcast<i32>(memory[p.x2]));
  let s5 = max_(s3, s4);
  memory[p.y0 + i] = bitcast<u32>(s5);
}`,
  );
});

test("what the plan lays over one another stays so, and the states go into a buffer of their own", () => {
  const b = new ProgramBuilder();
  const p = b.stateful("p", [1000]);
  const half = b.slice(p, [500], [500]);
  const x = b.apply("exp", b.apply("add", half, b.input("x", [500])));
  b.outputs.y = b.reduce("sum", x, [0]);
  b.updates.p = b.apply("mul", p, { constant: 2 });
  const program = b.program();
  const { places, words } = emit(program, new Map([["p", { at: 64, value: program.values[p] as Value }]]));
  assert.equal(places[p], { space: "states", at: 64 });
  assert.equal(places[half], { space: "states", at: 64 + 500 });
  assert.equal(places[b.updates.p], { space: "states", at: 64 }, "the update writes over its state");
  const own = places.filter(({ space }) => space === "memory");
  assert.ok(own.every(({ at }) => at % 64 === 0 && at < 1100));
  assert.ok(words < 1200, "nothing is left where the state would have been");
});

test.run();
