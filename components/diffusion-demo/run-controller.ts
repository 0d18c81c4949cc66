/** Everything of a demo that takes time: training, sampling, measuring. The element asks and draws. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { NDArray } from "../../dsl/array.js";
import { extract } from "../../dsl/index.js";
import type { Net } from "../../dsl/net.js";
import type { Generated } from "../../runtime/generator.js";
import { adam } from "../../runtime/optimizers.js";
import type { Checkpoint, Progress, Run } from "../../runtime/training.js";
import { generate, train } from "../../workers/index.js";
import { distance, floorOf, giveWay } from "./distance.js";
import type { Settings } from "./settings.js";

/** Where a demo is. `loading` lasts from the press on Train to the first step. */
export type Phase = "untrained" | "loading" | "training" | "paused" | "finished" | "failed";

/** Samples of the net as it was after `step` steps. */
export interface Samples {
  readonly step: number;
  readonly samples: NDArray;
  /** From the data, and what a perfect model would come to; null for data that cannot be drawn again. */
  readonly distance: number;
  readonly floor: number | null;
}

/** The way to the latest samples. */
export interface Trajectory {
  readonly trajectory: NDArray;
  readonly times: readonly number[];
}

/** What a run is made of. */
export interface Task extends Settings {
  readonly net: Net;
  /** The data, drawn and standardized. */
  readonly drawn: NDArray;
}

/** Reports are read this often at most, in milliseconds: the trainer gathers the losses in between. */
const readingPace = 200;
/** While training: how long drawing samples may take, at first and later, and the pause after it, in seconds. */
const [firstBudget, budget, gap] = [0.8, 4, 2];
/** The numbers of samples drawn: the last word, and what a look while training can cost. */
const most = 10_000;
const looks = [250, 500, 1000, 2000, 5000, most];

const wait = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

/** The rows of all arrays, one after the other. */
function joined(arrays: readonly NDArray[]): NDArray {
  const [first] = arrays as [NDArray];
  if (arrays.length === 1) return first;
  const data = new Float32Array(arrays.reduce((length, array) => length + array.data.length, 0));
  let from = 0;
  for (const array of arrays) {
    data.set(array.data, from);
    from += array.data.length;
  }
  const rows = arrays.reduce((sum, { shape }) => sum + (shape[0] as number), 0);
  return { shape: [rows, ...first.shape.slice(1)], dtype: "float32", data };
}

/**
 * Runs a task in the workers and keeps what came of it. Every change requests an update of the host, which also
 * fires the demo's events: `progress`, `samples` and `error`.
 */
export class RunController implements ReactiveController {
  phase: Phase = "untrained";
  error: string | null = null;
  progress: Progress | null = null;
  samples: Samples | null = null;
  trajectory: Trajectory | null = null;
  /** The share of the samples under way, where someone waits for them; else null. */
  generating: number | null = null;

  readonly #host: ReactiveControllerHost & EventTarget;
  readonly #onLosses: (losses: Float32Array) => void;
  /** One for each life between two resets; its abort ends all that is under way. */
  #life = new AbortController();
  #run: Run | null = null;
  #net: Net | null = null;
  #checkpoint: Checkpoint | null = null;
  #draws = 0;
  /** Samples a second, as last measured. */
  #speed: number | null = null;
  readonly #floors = new Map<number, number>();

  constructor(host: ReactiveControllerHost & EventTarget, onLosses: (losses: Float32Array) => void) {
    this.#host = host;
    this.#onLosses = onLosses;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.reset();
  }

  /** Whether there is a net to draw samples from. */
  get canGenerate(): boolean {
    return (
      this.generating === null && (this.#net !== null || this.phase === "training" || this.phase === "paused")
    );
  }

  /** Trains, goes on after a pause, or goes on with the net of a finished run. Fulfils when the run has ended. */
  async train(task: Task): Promise<void> {
    if (this.phase === "paused") return this.#resume();
    if (this.phase === "loading" || this.phase === "training") return;
    const { signal } = this.#life;
    this.#set({ phase: "loading", error: null });
    const run = train(task.net, {
      data: { x0: task.dataSet },
      batchSize: task.batchSize,
      optimizer: adam({ learningRate: task.rate }),
      until: { seconds: task.seconds },
      seed: task.seed,
      backend: task.backend,
      signal,
      ...(this.#checkpoint ? { from: this.#checkpoint } : {}),
    });
    this.#run = run;
    try {
      await Promise.all([this.#follow(run, signal), this.#watch(run, task, signal)]);
      if (signal.aborted) return;
      this.#net = (await run.result).net;
      this.#checkpoint = await run.checkpoint();
      if (signal.aborted) return;
      this.#run = null;
      this.#set({ phase: "finished" });
      await this.generate(task);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async pause(): Promise<void> {
    if (this.phase !== "training" || !this.#run) return;
    this.#set({ phase: "paused" });
    await this.#run.pause().catch(() => {}); // the run itself tells
  }

  async #resume(): Promise<void> {
    this.#set({ phase: "training" });
    await this.#run?.resume().catch(() => {}); // the run itself tells
  }

  /** Draws the full number of samples of the net as it is now. */
  async generate(task: Task): Promise<void> {
    if (!this.canGenerate) return;
    const { signal } = this.#life;
    this.#set({ generating: 0, error: null });
    try {
      const net = this.#run ? await this.#run.net() : this.#net;
      if (net) await this.#draw(net, task, most, signal, (share) => this.#set({ generating: share }));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      if (!signal.aborted) this.#set({ generating: null });
    }
  }

  /** Ends all that is under way and forgets it. */
  reset(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#run = this.#net = this.#checkpoint = this.#speed = null;
    this.#draws = 0;
    this.#floors.clear();
    this.#set({
      phase: "untrained",
      error: null,
      progress: null,
      samples: null,
      trajectory: null,
      generating: null,
    });
  }

  /** Reads the reports to the end of the run. */
  async #follow(run: Run, signal: AbortSignal): Promise<void> {
    for await (const progress of run) {
      if (signal.aborted) return;
      this.#onLosses(progress.losses);
      this.#set({ progress, ...(this.phase === "loading" ? { phase: "training" } : {}) });
      const { step, loss, stepsPerSecond } = progress;
      this.#fire("progress", { step, loss, stepsPerSecond, distance: this.samples?.distance ?? null });
      await wait(readingPace / 1000);
    }
  }

  /** Draws samples every few seconds while the run goes on, as many as the time allows. */
  async #watch(run: Run, task: Task, signal: AbortSignal): Promise<void> {
    let ended = false;
    const end = run.result.then(
      () => {
        ended = true;
      },
      () => {
        ended = true;
      },
    );
    // The first look comes early; it is of an almost untrained net.
    for (let first = true; ; first = false) {
      await Promise.race([wait(first ? 1 : gap), end]);
      if (ended || signal.aborted) return;
      if (this.phase !== "training" || this.generating !== null) continue;
      await this.#draw(await run.net(), task, this.#affordable(task, first ? firstBudget : budget), signal);
    }
  }

  /** How many samples fit in so many seconds: by the speed last measured, at first by the model's size. */
  #affordable({ layers, nHidden, schedule }: Task, seconds: number): number {
    const operations = 2 * layers * nHidden ** 2 * schedule.steps;
    const count = seconds * (this.#speed ?? 25e9 / operations);
    const off = (look: number): number => Math.abs(Math.log(look / count));
    return looks.reduce((best, look) => (off(look) < off(best) ? look : best));
  }

  async #draw(
    net: Net,
    task: Task,
    count: number,
    signal: AbortSignal,
    onProgress?: (share: number) => void,
  ): Promise<void> {
    const step = this.progress?.step ?? 0;
    const began = performance.now();
    const shares = [0, 0];
    const part = (size: number, i: number): Promise<Required<Generated>> =>
      generate(extract(net, "model"), {
        schedule: task.schedule,
        sampler: task.sampler,
        count: size,
        seed: task.seed + ++this.#draws,
        trajectory: true,
        backend: task.backend,
        signal,
        onProgress: (share) => {
          shares[i] = (share * size) / count;
          if (!signal.aborted) onProgress?.((shares[0] as number) + (shares[1] as number));
        },
      });
    // Where nothing trains there is a worker for each half.
    const sizes = this.#run ? [count] : [Math.ceil(count / 2), Math.floor(count / 2)];
    const parts = await Promise.all(sizes.map(part));
    const samples = joined(parts.map((p) => p.samples));
    const { trajectory, times } = parts[0] as Required<Generated>;
    this.#speed = count / ((performance.now() - began) / 1000);
    await giveWay();
    const away = await distance(samples, task.drawn);
    const floor = await this.#floor(task, count);
    if (signal.aborted) return;
    this.#set({ samples: { step, samples, distance: away, floor } });
    this.#fire("samples", { step, samples, distance: away, floor });
    // The pictures are drawn in tasks of their own, so that neither holds the page up.
    await giveWay();
    if (!signal.aborted) this.#set({ trajectory: { trajectory, times } });
  }

  async #floor({ again }: Task, count: number): Promise<number | null> {
    if (!again) return null;
    const floor = this.#floors.get(count) ?? (await floorOf(again, count));
    this.#floors.set(count, floor);
    return floor;
  }

  #fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    // A run whose loss stopped being finite hands over its last good weights.
    const net = (error as { readonly net?: Net } | null)?.net ?? null;
    this.#life.abort();
    this.#life = new AbortController();
    this.#run = null;
    this.#net = net ?? this.#net;
    this.#set({ phase: "failed", error: message, generating: null });
    this.#fire("error", { message, error });
  }

  #set(
    state: Partial<
      Pick<RunController, "phase" | "error" | "progress" | "samples" | "trajectory" | "generating">
    >,
  ): void {
    Object.assign(this, state);
    this.#host.requestUpdate();
  }

  #fire(type: string, detail: unknown): void {
    this.#host.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
