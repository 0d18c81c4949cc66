import type { Backend, BackendName } from "./backend.js";
import { checkGradients } from "./check-gradients.js";
import { hardwareOf } from "./hardware.js";
import { loadBackend } from "./load.js";
import { type Trial, timeOf } from "./trial.js";

/** A backend and the reason for it, in words for the user. */
export interface Choice {
  readonly name: BackendName;
  /** "asked for", or what came of trying each: "simd: 1.2 ms a step; webgl: software rendering, not tried". */
  readonly why: string;
}

/** In which order "auto" tries them: what needs no download first. */
const candidates: readonly BackendName[] = ["simd", "webgpu", "webgl"];
/** Milliseconds for the timing of each: where it decides, and where it is only told. */
const [enough, little] = [300, 30];

/** Why a backend without hardware is left out. */
const untried = { software: "software rendering, not tried", none: "not here" };

/** What "auto" chose before in this thread, by the work. */
const known = new Map<string, Choice>();
const checked = new Map<BackendName, Promise<void>>();

/**
 * The backend to use, and the work prepared on it. A name stands for itself. "auto" takes the one on which steps of
 * this very work are fastest, of those that give the known gradients of a small function here; what only imitates a
 * GPU is tried where nothing else works. `key` names the work, which is timed once; where it throws, no backend is
 * tried. Errors: an unknown name; none that works, with the reason of each.
 */
export async function chooseBackend<T extends Trial>(
  wanted: BackendName | "auto",
  prepare: (name: BackendName) => Promise<T>,
  key: () => string,
): Promise<Choice & { readonly prepared: T }> {
  if (wanted !== "auto") return { name: wanted, why: "asked for", prepared: await prepare(wanted) };
  const work = key();
  const choice = known.get(work);
  if (choice) return { ...choice, prepared: await prepare(choice.name) };
  const chosen = await fastest(prepare);
  known.set(work, { name: chosen.name, why: chosen.why });
  return chosen;
}

async function fastest<T extends Trial>(
  prepare: (name: BackendName) => Promise<T>,
): Promise<Choice & { readonly prepared: T }> {
  const found = await Promise.all(candidates.map(async (name) => ({ name, on: await hardwareOf(name) })));
  const able = found.filter(({ on }) => on === "hardware");
  const imitated = found.filter(({ on }) => on === "software");
  const measured: string[] = [];
  const findings = found.flatMap(({ name, on }) => (on === "hardware" ? [] : [`${name}: ${untried[on]}`]));
  let best: { readonly name: BackendName; readonly prepared: T; readonly time: number } | undefined;
  const attempt = async (name: BackendName, budget: number): Promise<void> => {
    try {
      await check(await loadBackend(name));
      const prepared = await prepare(name);
      const time = await timeOf(prepared, budget, best?.time).catch((error) => {
        prepared.dispose();
        throw error;
      });
      measured.push(`${name}: ${inWords(time)} a step`);
      if (best && best.time <= time) prepared.dispose();
      else {
        best?.prepared.dispose();
        best = { name, prepared, time };
      }
    } catch (error) {
      findings.push(`${name}: ${(error as Error).message}`);
    }
  };
  for (const { name } of able) await attempt(name, able.length > 1 ? enough : little);
  for (const { name } of [...imitated, { name: "cpu" } as const]) if (!best) await attempt(name, little);
  if (!best) throw new Error(`backend: none works here: ${findings.join("; ")}`);
  return { name: best.name, prepared: best.prepared, why: [...measured, ...findings].join("; ") };
}

/** Checks a backend's gradients, once a thread. */
function check(backend: Backend): Promise<void> {
  const found = checked.get(backend.name) ?? checkGradients(backend);
  checked.set(backend.name, found);
  return found;
}

/** Milliseconds with two digits that count. */
const inWords = (time: number): string =>
  `${time >= 100 ? Math.round(time) : Number(time.toPrecision(2))} ms`;
