/** Everything of a demo that takes time: training, sampling, measuring. The element asks and draws. */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Net } from "../../dsl/net.js";
import type { Checkpoint, Progress, Run } from "../../runtime/training.js";
import { train } from "../../workers/index.js";
import { giveWay } from "./give-way.js";
import type { Look, LookOptions, PointsLooks } from "./looks.js";
import type { Task } from "./task.js";

/** Where a demo is. `loading` lasts from the press on Train to the first step. */
export type Phase = "untrained" | "loading" | "training" | "paused" | "finished" | "failed";

/** Samples of the net as it was after `step` steps. */
export interface Samples extends Pick<Look, "samples" | "distance" | "floor"> {
  readonly step: number;
}

/** The way to the latest samples. */
export type Trajectory = Pick<Look, "trajectory" | "times">;

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
  /** The task under way, or as it was changed since in what does not concern training. */
  #task: Task | null = null;
  /** The samples that someone waits for. */
  #generation: Promise<void> = Promise.resolve();
  #checkpoint: Checkpoint | null = null;
  /** How often new noise was asked for. */
  #draws = 0;
  #points: PointsLooks | null = null;

  /** `onLosses` hears the losses of the steps as they come, and null when all are forgotten. */
  constructor(host: ReactiveControllerHost & EventTarget, onLosses: (losses: Float32Array | null) => void) {
    this.#host = host;
    this.#onLosses = onLosses;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.reset();
  }

  /** Whether nothing is trained just now. */
  get rests(): boolean {
    return this.phase !== "training" && this.phase !== "loading";
  }

  /** Gives the net with its weights as they are; null while there are none. */
  reader(task: Task): (() => Promise<Net>) | null {
    const run = this.#run;
    const net = this.net ?? (task.loaded ? task.net : null);
    if (run && (this.phase === "training" || this.phase === "paused")) return () => run.net();
    return net && (async () => net);
  }

  /** Whether samples can be drawn. */
  canGenerate(task: Task): boolean {
    return this.generating === null && this.reader(task) !== null;
  }

  /**
   * Trains, goes on after a pause, or goes on with the net of a finished run; after a failure begins anew. Fulfils
   * when the run has ended, however it did: `error` tells what went wrong.
   */
  async train(task: Task): Promise<void> {
    if (this.phase === "paused") return this.#resume();
    if (this.phase === "loading" || this.phase === "training") return;
    if (this.phase === "failed") this.reset();
    if (task.dataSet === null) return;
    const { signal } = this.#life;
    this.#task = task;
    this.#set({ phase: "loading", error: null });
    const run = train(task.net, {
      data: { x0: task.dataSet },
      batchSize: task.batchSize,
      optimizer: task.optimizer,
      until: { seconds: task.seconds },
      seed: task.seed,
      backend: task.backend,
      signal,
      ...(this.#checkpoint ? { from: this.#checkpoint } : {}),
    });
    this.#run = run;
    try {
      await Promise.all([this.#follow(run, signal), this.#watch(run, signal)]);
      if (signal.aborted) return;
      const { net } = await run.result;
      this.#checkpoint = await run.checkpoint();
      await this.#generation;
      if (signal.aborted) return;
      this.#run = null;
      this.#set({ phase: "finished", net });
      await this.generate(this.#task ?? task);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** From now on samples are drawn as `task` says; the run under way goes on. */
  use(task: Task): void {
    this.#task = task;
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

  /**
   * Draws the full number of samples of the net as it is now: points always from new noise, images where they are drawn
   * `anew`, else from the noise of those before. Fulfils as `train` does.
   */
  generate(task: Task, anew = false): Promise<void> {
    if (this.generating !== null) return this.#generation;
    if (anew && this.samples) this.#draws++;
    this.#generation = this.#generate(task, this.#life.signal);
    return this.#generation;
  }

  async #generate(task: Task, signal: AbortSignal): Promise<void> {
    this.#set({ generating: 0, error: null });
    try {
      const read = this.reader(task);
      if (!read)
        throw new Error("generate: takes a net that has been trained but receives none; train it first");
      await this.#draw(await read(), task, null, signal, (share) => this.#set({ generating: share }));
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
    this.#run = this.#checkpoint = null;
    this.#draws = 0;
    this.#points = null;
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
      this.#set({ progress, ...(this.phase === "loading" ? { phase: "training" } : {}) });
      const { step, loss, stepsPerSecond } = progress;
      this.#fire("progress", { step, loss, stepsPerSecond, distance: this.samples?.distance ?? null });
      this.#onLosses(progress.losses);
      await wait(readingPace / 1000);
    }
  }

  /** Draws samples every few seconds while the run goes on, as many as the time allows. */
  async #watch(run: Run, signal: AbortSignal): Promise<void> {
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
      if (this.phase !== "training" || this.generating !== null || !this.#task) continue;
      try {
        await this.#draw(await run.net(), this.#task, first ? firstBudget : budget, either);
      } catch (error) {
        if (!either.aborted) throw error;
      }
    }
  }

  /** `seconds`: how long it may take, where that can be chosen; null: the full number of samples. */
  async #draw(
    net: Net,
    task: Task,
    seconds: number | null,
    signal: AbortSignal,
    onProgress?: (share: number) => void,
  ): Promise<void> {
    const step = this.progress?.step ?? 0;
    const how: LookOptions = {
      // Where nothing trains there are two workers for it.
      workers: this.#run === null ? 2 : 1,
      signal,
      onProgress: (share: number) => {
        if (!signal.aborted) onProgress?.(share);
      },
    };
    // Loaded with the first look, and not before training has begun.
    const { lookAtImages, PointsLooks } = await import("./looks.js");
    if (signal.aborted) return;
    this.#points ??= new PointsLooks();
    const { samples, distance, floor, trajectory, times } =
      task.kind === "points"
        ? await this.#points.look(net, task, seconds, how)
        : await lookAtImages(net, task, this.#draws, how);
    if (signal.aborted) return;
    this.#set({ samples: { step, samples, distance, floor } });
    this.#fire("samples", { step, samples, distance, floor });
    // The pictures are drawn in tasks of their own, so that neither holds the page up.
    await giveWay();
    if (!signal.aborted) this.#set({ trajectory: { trajectory, times } });
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
