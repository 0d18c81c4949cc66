/** What a demo is doing, in a sentence. */
import { fixed, thousands } from "../plot/format.js";
import type { DiffusionDemo } from "./diffusion-demo.js";
import type { RunController } from "./run-controller.js";
import type { Task } from "./task.js";

export function statusOf(demo: DiffusionDemo, run: RunController, task: Task): string {
  const { phase, progress, samples } = run;
  const where = progress ? ` on ${progress.backend}` : "";
  const why = progress && demo.backend === "auto" ? ` ${progress.backendReason}.` : "";
  const steps = thousands(progress?.step ?? 0);
  switch (phase) {
    case "loading":
      return "Starting a worker and choosing the fastest backend.";
    case "training":
      return `Training in a worker${where}.${why}`;
    case "paused":
      return `Paused after ${steps} steps.`;
    case "finished": {
      const away = samples?.distance ?? null;
      const result = away === null ? "" : ` Its samples are ${fixed(away, 3)} from the data.`;
      return `Trained for ${steps} steps${where}.${result}`;
    }
    case "untrained":
      if (task.dataSet === null) return "Waiting for pictures to learn from.";
      return task.loaded
        ? `The weights are those of ${demo.checkpoint}. Train goes on from them for ${lasting(task.seconds)}, in a worker of this page.`
        : `Untrained. Press Train: it takes ${lasting(task.seconds)}, in a worker of this page.`;
    case "failed":
      return "";
  }
}

const lasting = (seconds: number): string =>
  seconds < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
