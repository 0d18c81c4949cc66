import type { Net } from "../dsl/net.js";
import { initialize } from "../dsl/parameters.js";
import type { BackendName } from "./backends/backend.js";
import { loadBackend } from "./backends/load.js";
import { toBatch } from "./batch.js";
import { optimised } from "./compile.js";
import { defaultMemoryLimit } from "./memory-limit.js";
import { adam } from "./optimizers.js";
import { planMemory } from "./plan.js";
import { prepareTraining, type Training } from "./prepare-training.js";
import { type Cost, costOf } from "./primitives.js";
import type { PrimitiveName } from "./program.js";
import { Stepper } from "./stepper.js";
import type { TrainOptions } from "./training.js";

/** What something costs; `milliseconds` is null where nothing was measured. */
export interface Measured extends Cost {
  readonly milliseconds: number | null;
}

/** One operation of a training step, as it runs. */
export interface ProfiledStep extends Measured {
  /** Paths of the nodes that it came from; several where operations were joined. `update` is the optimiser. */
  readonly nodes: readonly string[];
  readonly prim: PrimitiveName;
}

/** A training step: its sums, and what they are made of. */
export interface Profile extends Measured {
  readonly backend: BackendName;
  /** The examples that are worked on at a time. */
  readonly microBatch: number;
  /** In the order in which they run: forward and backward pass, then the update. */
  readonly steps: readonly ProfiledStep[];
  /** The same by node. What came from several nodes counts in equal parts with each. */
  readonly byNode: Readonly<Record<string, Measured>>;
  /** Bytes of the gradient's program: as its memory is planned, and of all its values, each in a place of its own. */
  readonly memory: { readonly planned: number; readonly values: number };
}

export interface ProfileOptions
  extends Pick<TrainOptions, "data" | "batchSize" | "optimizer" | "losses" | "microBatch" | "memoryLimit"> {
  /** Default "simd". */
  readonly backend?: BackendName;
  /** How many training steps are measured, after one that is not; 0 runs none. Default 10. */
  readonly runs?: number;
}

/**
 * What a training step of a net costs, operation by operation: counted, and measured in this thread, the mean over
 * `runs`. Each operation is waited for, so that a step takes longer than in training, much longer on a GPU; on
 * `webgpu` nothing can be measured. Errors: those of `createTrainer`.
 */
export async function profile(net: Net, options: ProfileOptions): Promise<Profile> {
  const { batchSize = 256, optimizer = adam(), losses, microBatch, runs = 10 } = options;
  const { columns, count, given } = toBatch(net, options.data);
  const training: Training = {
    ...{ net: initialize(net, { given }), columns, count, given, batchSize, optimizer, losses, microBatch },
    ...{ ema: false, seed: 0, memoryLimit: options.memoryLimit ?? defaultMemoryLimit, threads: 1 },
  };
  const backend = await loadBackend(options.backend ?? "simd");
  const clocks = { gradient: new Clock(), update: new Clock() };
  const prepared = await prepareTraining(training, backend.name, {
    gradient: clocks.gradient.tick,
    update: clocks.update.tick,
  });
  const stepper = new Stepper(prepared);
  try {
    if (runs > 0) {
      await stepper.run(1);
      clocks.gradient.reset();
      clocks.update.reset();
      await stepper.run(runs);
    }
  } finally {
    stepper.dispose();
  }
  const passes = Math.ceil(batchSize / prepared.microBatch);
  const programs = [
    [optimised(prepared.built.program, backend), clocks.gradient, passes],
    [optimised(prepared.updating.program, backend), clocks.update, 1],
  ] as const;
  const steps = programs.flatMap(([program, clock, times]) => {
    const milliseconds = clock.means(program.ops.length);
    return program.ops.map((op, i): ProfiledStep => {
      const { flops, bytes } = costOf(op, program);
      const each = milliseconds?.[i] ?? null;
      return {
        nodes: op.node.split(" + "),
        prim: op.prim,
        ...{ flops: times * flops, bytes: times * bytes },
        milliseconds: each === null ? null : times * each,
      };
    });
  });
  const { bytes: planned, unsharedBytes: values } = planMemory(programs[0][0]);
  return {
    backend: backend.name,
    microBatch: prepared.microBatch,
    ...sumOf(steps),
    steps,
    byNode: nodesOf(steps),
    memory: { planned, values },
  };
}

const nothing: Measured = { flops: 0, bytes: 0, milliseconds: 0 };
const plus = (a: Measured, b: Measured, share = 1): Measured => ({
  flops: a.flops + share * b.flops,
  bytes: a.bytes + share * b.bytes,
  milliseconds:
    a.milliseconds === null || b.milliseconds === null ? null : a.milliseconds + share * b.milliseconds,
});
const sumOf = (steps: readonly Measured[]): Measured => steps.reduce((sum, step) => plus(sum, step), nothing);

function nodesOf(steps: readonly ProfiledStep[]): Record<string, Measured> {
  const byNode: Record<string, Measured> = {};
  for (const step of steps)
    for (const node of step.nodes) byNode[node] = plus(byNode[node] ?? nothing, step, 1 / step.nodes.length);
  return byNode;
}

/** Adds up the milliseconds between one tick and the next, over runs of equally many. */
class Clock {
  #times: number[] = [];
  readonly tick = (): void => {
    this.#times.push(performance.now());
  };
  reset(): void {
    this.#times = [];
  }
  /** The mean of each of `count` intervals, a run being `count` + 1 ticks; null where there was none. */
  means(count: number): Float64Array | null {
    const runs = this.#times.length / (count + 1);
    if (runs === 0) return null;
    const means = new Float64Array(count);
    this.#times.forEach((time, i) => {
      const at = i % (count + 1);
      if (at > 0) means[at - 1] = (means[at - 1] as number) + (time - (this.#times[i - 1] as number)) / runs;
    });
    return means;
  }
}
