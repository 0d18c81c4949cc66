/** Everything of a demo that takes time: training, sampling, measuring. The element asks and draws. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { NDArray } from "../../dsl/array.js";
import type { Net } from "../../dsl/net.js";
import { adam } from "../../runtime/optimizers.js";
import type { Checkpoint, Progress, Run } from "../../runtime/training.js";
import { train } from "../../workers/index.js";
import { distance, floorOf, giveWay } from "./distance.js";
import { affordable, most, sample } from "./sampling.js";
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
  /** The least that the loss can come to, where it is known. */
  readonly leastLoss: number | null;
}

/** Reports are read this often at most, in milliseconds: the trainer gathers the losses in between. */
const readingPace = 200;
/** While training: how long drawing samples may take, at first and later, and the pause after it, in seconds. */
const [firstBudget, budget, gap] = [0.8, 4, 2];
const wait = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

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
  /** The net with its averaged weights, as it was at the last pause or at the end. */
  net: Net | null = null;

  readonly #host: ReactiveControllerHost & EventTarget;
  readonly #onLosses: (losses: Float32Array | null) => void;
  /** One for each life between two resets; its abort ends all that is under way. */
  #life = new AbortController();
  #run: Run | null = null;
  /** The samples that someone waits for. */
  #generation: Promise<void> = Promise.resolve();
  #checkpoint: Checkpoint | null = null;
  #draws = 0;
  /** Samples a second, as last measured. */
  #speed: number | null = null;
  readonly #floors = new Map<number, number>();

  /** `onLosses` hears the losses of the steps as they come, and null when all are forgotten. */
  constructor(host: ReactiveControllerHost & EventTarget, onLosses: (losses: Float32Array | null) => void) {
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
      this.generating === null && (this.net !== null || this.phase === "training" || this.phase === "paused")
    );
  }

  /**
   * Trains, goes on after a pause, or goes on with the net of a finished run; after a failure begins anew. Fulfils
   * when the run has ended, however it did: `error` tells what went wrong.
   */
  async train(task: Task): Promise<void> {
    if (this.phase === "paused") return this.#resume();
    if (this.phase === "loading" || this.phase === "training") return;
    if (this.phase === "failed") this.reset();
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
      const { net } = await run.result;
      this.#checkpoint = await run.checkpoint();
      await this.#generation;
      if (signal.aborted) return;
      this.#run = null;
      this.#set({ phase: "finished", net });
      await this.generate(task);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async pause(): Promise<void> {
    if (this.phase !== "training" || !this.#run) return;
    const { signal } = this.#life;
    this.#set({ phase: "paused" });
    try {
      await this.#run.pause();
      const net = await this.#run.net();
      if (!signal.aborted) this.#set({ net });
    } catch {} // the run itself tells
  }

  async #resume(): Promise<void> {
    this.#set({ phase: "training" });
    await this.#run?.resume().catch(() => {}); // the run itself tells
  }

  /** Draws the full number of samples of the net as it is now. Fulfils as `train` does. */
  generate(task: Task): Promise<void> {
    if (this.generating !== null) return this.#generation;
    this.#generation = this.#generate(task, this.#life.signal);
    return this.#generation;
  }

  async #generate(task: Task, signal: AbortSignal): Promise<void> {
    this.#set({ generating: 0, error: null });
    try {
      const net = this.#run ? await this.#run.net() : this.net;
      if (!net)
        throw new Error("generate: takes a net that has been trained but receives none; train it first");
      await this.#draw(net, task, most, signal, (share) => this.#set({ generating: share }));
    } catch (error) {
      if (!signal.aborted) this.#tell(error);
    } finally {
      if (!signal.aborted) this.#set({ generating: null });
    }
  }

  /** Ends all that is under way and forgets it. */
  reset(): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#run = this.#checkpoint = this.#speed = null;
    this.#draws = 0;
    this.#floors.clear();
    this.#onLosses(null);
    this.#set({
      phase: "untrained",
      error: null,
      progress: null,
      samples: null,
      trajectory: null,
      generating: null,
      net: null,
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
    const ended = new AbortController();
    const end = run.result.then(
      () => ended.abort(),
      () => ended.abort(),
    );
    const either = AbortSignal.any([signal, ended.signal]);
    // The first look comes early; it is of an almost untrained net.
    for (let first = true; ; first = false) {
      await Promise.race([wait(first ? 1 : gap), end]);
      if (either.aborted) return;
      if (this.phase !== "training" || this.generating !== null) continue;
      const count = affordable(task, this.#speed, first ? firstBudget : budget);
      try {
        await this.#draw(await run.net(), task, count, either);
      } catch (error) {
        if (!either.aborted) throw error;
      }
    }
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
    const { samples, trajectory, times } = await sample(net, task, {
      count,
      seed: task.seed + 2 * ++this.#draws,
      // Where nothing trains there is a worker for each half.
      halves: this.#run === null,
      signal,
      onProgress: (share) => {
        if (!signal.aborted) onProgress?.(share);
      },
    });
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

  /** Ends the life of a run that failed. */
  #fail(error: unknown): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#run = null;
    // A run whose loss stopped being finite hands over its last good weights.
    const net = (error as { readonly net?: Net } | null)?.net ?? this.net;
    this.#set({ phase: "failed", generating: null, net });
    this.#tell(error);
  }

  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#set({ error: message });
    this.#fire("error", { message, error });
  }

  #set(
    state: Partial<
      Pick<RunController, "phase" | "error" | "progress" | "samples" | "trajectory" | "generating" | "net">
    >,
  ): void {
    Object.assign(this, state);
    this.#host.requestUpdate();
  }

  #fire(type: string, detail: unknown): void {
    this.#host.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
