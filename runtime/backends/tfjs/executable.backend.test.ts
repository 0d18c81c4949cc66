import { test } from "uvu";
import * as assert from "uvu/assert";
import { ProgramBuilder } from "../../builder.js";
import type { Program } from "../../program.js";
import type { Executable } from "../backend.js";
import { near, onEach, random } from "./checks.js";

onEach((on, _, backend) => {
  /** p ← p − rate · 2 (p − x), with slices, reshapes, sums and matmuls on the way; loss = |p − x|². */
  function descent(): Program {
    const b = new ProgramBuilder();
    const p = b.stateful("p", [12]);
    const x = b.input("x", [3, 4]);
    const w = b.reshape(b.slice(p, [0], [12]), [3, 4]);
    const head = b.slice(p, [4], [4]);
    const error = b.apply("sub", w, x);
    const tail = b.apply("mul", b.reshape(head, [1, 4]), { constant: 0 });
    b.outputs.loss = b.reshape(b.reduce("sum", b.apply("square", error), [0, 1]), []);
    b.outputs.product = b.matmul(error, w, { transposeB: true });
    const gradient = b.reshape(b.apply("add", b.apply("mul", error, { constant: 2 }), tail), [12]);
    b.updates.p = b.apply("sub", p, b.apply("mul", gradient, b.input("rate", [])));
    b.updates.before = p;
    b.stateful("before", [12]);
    return b.program();
  }

  on("states are updated all at once after the run", async () => {
    const executable = await backend.prepare(descent());
    const p = random([12]);
    executable.write("p", p);
    executable.write("before", new Float32Array(12));
    executable.write("x", new Float32Array(12));
    executable.write("rate", Float32Array.of(0.25));
    executable.run();
    near(
      await executable.read("p"),
      p.map((v) => v / 2),
    );
    near(await executable.read("before"), p);
    const pending = executable.read("loss");
    executable.run();
    executable.run();
    near(
      await executable.read("p"),
      p.map((v) => v / 8),
    );
    near(
      await executable.read("before"),
      p.map((v) => v / 4),
    );
    near(await pending, [p.reduce((sum, v) => sum + v * v, 0)]);
    executable.dispose();
  });

  on("no buffer is left behind: as many after step 1,000 as after step 10", async () => {
    const executable = await backend.prepare(descent());
    executable.write("p", random([12]));
    executable.write("before", new Float32Array(12));
    executable.write("rate", Float32Array.of(0.01));
    const live: number[] = [];
    const step = async (executable: Executable, i: number): Promise<void> => {
      executable.write("x", random([3, 4]));
      executable.run();
      if (i % 100 === 0) await executable.read("loss");
      live[i] = executable.liveBuffers;
    };
    for (let i = 1; i <= 1000; i++) await step(executable, i);
    assert.is(live[1000], live[10]);
    assert.ok((live[10] as number) <= 12, `${live[10]} buffers are alive`);
    executable.dispose();
  });

  on("two executables do not disturb one another", async () => {
    const program = descent();
    const [a, b] = [await backend.prepare(program), await backend.prepare(program)];
    const [pa, pb] = [random([12]), random([12])];
    for (const [executable, p] of [
      [a, pa],
      [b, pb],
    ] as const) {
      executable.write("p", p);
      executable.write("before", p);
      executable.write("x", new Float32Array(12));
      executable.write("rate", Float32Array.of(0.25));
    }
    a.run();
    b.run();
    near(
      await a.read("p"),
      pa.map((v) => v / 2),
    );
    a.dispose();
    b.run();
    near(
      await b.read("p"),
      pb.map((v) => v / 4),
    );
    b.dispose();
  });

  on(
    "shared states are one: a run of one executable sees what the other left, and either may go",
    async () => {
      const first = await backend.prepare(descent());
      const p = random([12]);
      first.write("p", p);
      // Reads the state `p`, has `before` of its own making, and a state that the first does not know.
      const b = new ProgramBuilder();
      const shared = b.stateful("p", [12]);
      b.updates.p = b.apply("mul", shared, { constant: 3 });
      b.updates.count = b.apply("add", b.stateful("count", []), { constant: 1 });
      b.outputs.twice = b.apply("mul", shared, { constant: 2 });
      const second = await backend.prepare(b.program(), { share: first });
      const live: number[] = [];
      for (let n = 1; n <= 3; n++) {
        second.run();
        near(
          await second.read("twice"),
          p.map((v) => 2 * v * (3 / 2) ** (n - 1)),
        );
        first.write("x", new Float32Array(12));
        first.write("rate", Float32Array.of(0.25));
        first.run();
        near(
          await first.read("p"),
          p.map((v) => v * (3 / 2) ** n),
        );
        near(await second.read("p"), await first.read("p"), 0);
        live.push(second.liveBuffers);
      }
      assert.is(live[2], live[1]);
      near(await second.read("count"), [3]);
      second.write("p", p);
      near(await first.read("p"), p);
      first.dispose();
      second.run();
      near(
        await second.read("p"),
        p.map((v) => 3 * v),
      );
      const third = await backend.prepare(descent(), { share: second });
      near(await third.read("before"), new Float32Array(12));
      second.dispose();
      near(
        await third.read("p"),
        p.map((v) => 3 * v),
      );
      third.dispose();
    },
  );

  on("a state is shared in one shape only", async () => {
    const first = await backend.prepare(descent());
    const b = new ProgramBuilder();
    b.outputs.p = b.apply("neg", b.stateful("p", [3, 4]));
    const fault = await backend.prepare(b.program(), { share: first }).then(
      () => "nothing",
      (error: Error) => error.message,
    );
    assert.match(fault, /the shared state p takes float32 \[12\] but receives float32 \[3, 4\]/);
    first.dispose();
  });

  if (backend.name === "webgl")
    on("a lost context is told, and the next program gets a new one", async () => {
      const before = await backend.prepare(descent());
      before.write("x", random([3, 4]));
      before.write("rate", Float32Array.of(0.1));
      const contexts = new Set<WebGL2RenderingContext>();
      const { drawArrays } = WebGL2RenderingContext.prototype;
      WebGL2RenderingContext.prototype.drawArrays = function (...args) {
        contexts.add(this);
        drawArrays.apply(this, args);
      };
      before.run();
      WebGL2RenderingContext.prototype.drawArrays = drawArrays;
      assert.is(contexts.size, 1);
      for (const gl of contexts) gl.getExtension("WEBGL_lose_context")?.loseContext();
      assert.throws(() => before.run(), /the browser has taken the WebGL context away/);
      before.dispose();
      const after = await backend.prepare(descent());
      const p = random([12]);
      after.write("p", p);
      after.write("x", new Float32Array(12));
      after.write("rate", Float32Array.of(0.25));
      after.run();
      near(
        await after.read("p"),
        p.map((v) => v / 2),
      );
      after.dispose();
    });

  on("misuse is told by name", async () => {
    const executable = await backend.prepare(descent());
    const message = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        return (error as Error).message;
      }
      return "nothing";
    };
    assert.match(
      message(() => executable.write("q", new Float32Array(12))),
      /takes x, rate, p, before but receives q/,
    );
    assert.match(
      message(() => executable.write("p", new Float32Array(11))),
      /p takes 12 numbers of float32 but receives 11/,
    );
    assert.match(
      message(() => executable.write("p", new Int32Array(12))),
      /receives 12 of int32/,
    );
    assert.match(
      message(() => executable.run()),
      /x takes numbers but has received none/,
    );
    executable.dispose();
    assert.match(
      message(() => executable.run()),
      /disposed/,
    );
  });
});

test.run();
