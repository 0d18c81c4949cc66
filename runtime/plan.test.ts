import { test } from "uvu";
import * as assert from "uvu/assert";
import { sizeOf } from "../dsl/array.js";
import { interpret, ownMemory, sharedMemory } from "../test/interpret.js";
import { randomInputs, randomProgram } from "../test/random-program.js";
import { ProgramBuilder } from "./builder.js";
import { everything, optimise } from "./optimise/index.js";
import { contiguousOffset, planMemory } from "./plan.js";
import type { Program, ValueId } from "./program.js";

test("a program computes the same in planned memory as with a memory for every value, run after run", () => {
  for (let seed = 0; seed < 150; seed++) {
    const plain = randomProgram(seed, 24);
    const program = [plain, optimise(plain), optimise(plain, everything)][seed % 3] as Program;
    const plan = planMemory(program);
    const shared = sharedMemory(program, plan.offsets, plan.bytes);
    const own = ownMemory(program);
    for (let run = 0; run < 3; run++) {
      const given = run === 0 ? randomInputs(seed) : {};
      const want = interpret(program, given, own);
      const got = interpret(program, given, shared);
      assert.equal(got, want, `seed ${seed}, run ${run}`);
    }
  }
});

test("offsets are aligned, and values needed at the same time do not overlap", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [3]);
  const y = b.input("y", [5]);
  const z = b.matmul(b.reshape(x, [3, 1]), b.reshape(y, [1, 5]));
  b.outputs.z = z;
  const { offsets, bytes } = planMemory(b.program(), { align: 64 });
  const places = [x, y, z].map((id) => offsets[id] as number);
  for (const at of places) assert.is(at % 64, 0);
  assert.is(new Set(places).size, 3);
  assert.is(bytes, 3 * 64);
});

test("a reshape and a slice of whole rows lie in their source", () => {
  const b = new ProgramBuilder();
  const x = b.stateful("x", [4, 6]);
  const rows = b.slice(x, [1, 0], [2, 6]);
  const flat = b.reshape(rows, [12]);
  const columns = b.slice(x, [0, 1], [4, 2]);
  b.outputs.flat = flat;
  b.outputs.columns = columns;
  const { offsets } = planMemory(b.program());
  const at = (id: ValueId): number => (offsets[id] as number) - (offsets[x] as number);
  assert.is(at(rows), 24);
  assert.is(at(flat), 24);
  assert.is.not(at(columns), 4);
});

test("operands of an outermost concatenation are computed in their place", () => {
  const b = new ProgramBuilder();
  const x = b.input("x", [2, 3]);
  const p = b.reshape(b.matmul(x, x, { transposeA: true }), [9]);
  const q = b.apply("neg", b.input("q", [4]));
  const all = b.concat([p, q], 0);
  b.outputs.all = all;
  const { offsets } = planMemory(b.program());
  assert.is(offsets[p], offsets[all]);
  assert.is(offsets[q], (offsets[all] as number) + 36);
});

test("an elementwise update writes over its state", () => {
  const b = new ProgramBuilder();
  const s = b.stateful("s", [100]);
  const next = b.apply("mul", s, b.input("scale", []));
  b.updates.s = next;
  const { offsets, bytes } = planMemory(b.program());
  assert.is(offsets[next], offsets[s]);
  assert.is(bytes, 448 + 64);
});

test("a state is not written over while its old value is still to be read", () => {
  const b = new ProgramBuilder();
  const s = b.stateful("s", [4]);
  const next = b.apply("neg", s);
  b.updates.s = next;
  b.outputs.old = b.matmul(b.reshape(s, [1, 4]), b.reshape(next, [4, 1]));
  const { offsets } = planMemory(b.program());
  assert.is.not(offsets[next], offsets[s]);
});

test("an output that is a part of a state keeps the old numbers when the state changes", () => {
  const b = new ProgramBuilder();
  const s = b.stateful("s", [4]);
  b.outputs.part = b.slice(s, [1], [2]);
  b.updates.s = b.concat([b.slice(s, [2], [2]), b.slice(s, [0], [2])], 0);
  const program = b.program();
  const { offsets, bytes } = planMemory(program);
  const memory = sharedMemory(program, offsets, bytes);
  interpret(program, { s: [1, 2, 3, 4] }, memory);
  assert.equal([...memory(program.outputs.part as ValueId)], [2, 3]);
  assert.equal([...memory(s)], [3, 4, 1, 2]);
});

test("contiguousOffset knows a contiguous part from a scattered one", () => {
  for (const [begin, size, source, want] of [
    [[2], [3], [9], 2],
    [[1, 0], [2, 4], [5, 4], 4],
    [[1, 2], [1, 2], [5, 4], 6],
    [[1, 2], [2, 2], [5, 4], undefined],
    [[0, 1, 0], [1, 2, 3], [2, 5, 3], 3],
    [[0, 0], [5, 4], [5, 4], 0],
  ] as const) {
    assert.is(contiguousOffset(begin, size, source), want);
    if (want !== undefined) assert.ok(want + sizeOf(size) <= sizeOf(source));
  }
});

test.run();
