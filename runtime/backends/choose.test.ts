import { test } from "uvu";
import * as assert from "uvu/assert";
import type { BackendName } from "./backend.js";
import { chooseBackend } from "./choose.js";
import { hardwareOf } from "./hardware.js";
import { type Trial, timeOf } from "./trial.js";

/** Work that takes so many milliseconds a step by a clock of its own, and the first time `cold` more. */
function work(each: number, cold = 0) {
  let now = 0;
  let steps = 0;
  let extra = cold;
  let disposed = false;
  return {
    clock: () => now,
    get steps() {
      return steps;
    },
    get disposed() {
      return disposed;
    },
    async run(count: number) {
      now += count * each + extra;
      extra = 0;
      steps += count;
    },
    dispose() {
      disposed = true;
    },
  };
}
const real = (each: number): Trial & { disposed: boolean } => ({
  disposed: false,
  async run(steps) {
    const until = performance.now() + steps * each;
    while (performance.now() < until);
  },
  dispose() {
    this.disposed = true;
  },
});

test("a step is timed warm, within the budget, in groups that a coarse clock can tell", async () => {
  const quick = work(0.5, 200);
  assert.is(await timeOf(quick, 300, 1, quick.clock), 0.5);
  assert.ok(quick.steps > 100 && quick.clock() <= 310, `${quick.steps} steps`);
  const slow = work(1000, 500);
  assert.is(await timeOf(slow, 300, Number.POSITIVE_INFINITY, slow.clock), 1500);
  assert.is(slow.steps, 1);
  const hopeless = work(31);
  assert.is(await timeOf(hopeless, 300, 10, hopeless.clock), 31);
  assert.is(hopeless.steps, 2);
});

test("a backend by name stands for itself, and is not timed", async () => {
  const prepared = work(1);
  const choice = await chooseBackend(
    "simd",
    async () => prepared,
    () => "by name",
  );
  assert.is(choice.name, "simd");
  assert.is(choice.why, "asked for");
  assert.is(choice.prepared, prepared);
  assert.is(prepared.steps, 0);
});

test("without a GPU auto takes simd, says how fast it is, and asks once for the same work", async () => {
  const asked: BackendName[] = [];
  const prepare = async (name: BackendName) => {
    asked.push(name);
    return real(2);
  };
  const { name, why } = await chooseBackend("auto", prepare, () => "a net");
  assert.is(name, "simd");
  // a step takes two milliseconds, and as much more as the machine is busy with other work
  const [, milliseconds] =
    /^simd: (\d+(?:\.\d+)?) ms a step; webgpu: not here; webgl: not here$/.exec(why) ?? [];
  assert.ok(Number(milliseconds) >= 2, why);
  const again = await chooseBackend("auto", prepare, () => "a net");
  assert.is(again.why, why);
  assert.equal(asked, ["simd", "simd"]);
  assert.is(again.prepared.disposed, false);
  assert.is(await hardwareOf("simd"), "hardware");
});

test("where simd fails auto falls back, and tells why; where all fail it tells of each", async () => {
  const only = (works: BackendName | undefined) => async (name: BackendName) => {
    if (name === works) return real(1);
    throw new Error("no memory");
  };
  const { name, why } = await chooseBackend("auto", only("cpu"), () => "only cpu");
  assert.is(name, "cpu");
  assert.match(why, /^cpu: .* a step; .*simd: no memory/);
  const error = await chooseBackend("auto", only(undefined), () => "nothing").catch((e: Error) => e);
  assert.match((error as Error).message, /none works here: .*simd: no memory; cpu: no memory/);
});

test.run();
