/** Samplers as tables: each is a fold of one small net over the rows of coefficients made here. */
import type { Ddim, Ddpm, Sampler } from "./sampler.js";
import type { Schedule } from "./schedule.js";

/**
 * A sampler as a linear method: row i asks the model at time `times[i]` for x̂₀ of x, and goes on to a x + b x̂₀ + σ z with
 * `rows[i]` = [a, b, σ] and a fresh normal z. x begins at level `levels[0]` and is at `levels[i + 1]` after row i; level
 * t is x_t, 0 is data.
 */
export interface SamplerTable {
  readonly times: readonly number[];
  readonly levels: readonly number[];
  readonly rows: readonly (readonly [a: number, b: number, sigma: number])[];
}

/** The table of a sampler on a schedule. Throws where its time steps do not fit the schedule. */
export function samplerTable(sampler: Sampler, schedule: Schedule): SamplerTable {
  return sampler.kind === "ddpm" ? ddpmTable(sampler, schedule) : ddimTable(sampler, schedule);
}

/** ᾱ_t, with ᾱ₀ = 1. */
const alphaBarOf = ({ alphaBars }: Schedule, t: number): number =>
  t === 0 ? 1 : (alphaBars[t - 1] as number);

/**
 * x_{t−1} = √α_t (1−ᾱ_{t−1})/(1−ᾱ_t) x_t + √ᾱ_{t−1} β_t/(1−ᾱ_t) x̂₀ + σ_t z at t = T … 1, with σ₁ = 0
 * (arXiv 2006.11239, equations 6 and 7).
 */
function ddpmTable({ variance }: Ddpm, schedule: Schedule): SamplerTable {
  const times = Array.from({ length: schedule.steps }, (_, i) => schedule.steps - i);
  const rows = times.map((t) => {
    const beta = schedule.betas[t - 1] as number;
    const [alphaBar, before] = [alphaBarOf(schedule, t), alphaBarOf(schedule, t - 1)];
    const betaTilde = (beta * (1 - before)) / (1 - alphaBar);
    const sigma = t === 1 ? 0 : Math.sqrt(variance === "beta" ? beta : betaTilde);
    return [
      (Math.sqrt(1 - beta) * (1 - before)) / (1 - alphaBar),
      (Math.sqrt(before) * beta) / (1 - alphaBar),
      sigma,
    ] as const;
  });
  return { times, levels: [...times, 0], rows };
}

/**
 * From t to s: x_s = √ᾱ_s x̂₀ + √(1−ᾱ_s−σ²) ε̂ + σ z with σ = η √((1−ᾱ_s)/(1−ᾱ_t)) √(1−ᾱ_t/ᾱ_s), and
 * ε̂ = (x_t − √ᾱ_t x̂₀)/√(1−ᾱ_t) (arXiv 2010.02502, equations 12 and 16).
 *
 * Backwards, from data to noise, s > t and the model is asked at s: x_s = √(ᾱ_s/ᾱ_t) x_t + (√(1−ᾱ_s) − √(ᾱ_s/ᾱ_t) √(1−ᾱ_t)) ε̂.
 */
function ddimTable({ steps, eta, spacing, inverse }: Ddim, schedule: Schedule): SamplerTable {
  const down = timesOf(spacing, steps, schedule.steps);
  const stops = [...down, 0];
  if (inverse) stops.reverse();
  const pairs = stops.slice(1).map((s, i) => [stops[i] as number, s] as const);
  const rows = pairs.map(([t, s]) => {
    const [alphaBar, next] = [alphaBarOf(schedule, t), alphaBarOf(schedule, s)];
    if (inverse) {
      const ratio = Math.sqrt(next / alphaBar);
      const eps = Math.sqrt(1 - next) - ratio * Math.sqrt(1 - alphaBar);
      // ε̂ = (x − √ᾱ_s x̂₀)/√(1−ᾱ_s), as the model at time s says it
      const perEps = eps / Math.sqrt(1 - next);
      return [ratio + perEps, -perEps * Math.sqrt(next), 0] as const;
    }
    const sigma = eta * Math.sqrt(((1 - next) / (1 - alphaBar)) * (1 - alphaBar / next));
    const direction = Math.sqrt(Math.max(0, 1 - next - sigma * sigma)) / Math.sqrt(1 - alphaBar);
    return [direction, Math.sqrt(next) - direction * Math.sqrt(alphaBar), sigma] as const;
  });
  return { times: pairs.map(([t, s]) => (inverse ? s : t)), levels: stops, rows };
}

/**
 * `steps` times of 1 … T, falling. `trailing`: T, T − T/n, … (arXiv 2305.08891, section 3.3); `leading`: the first time
 * of each of n equal parts, so that T itself is left out; `linspace`: evenly from T to 1. Rounded to whole numbers.
 */
export function timesOf(spacing: Ddim["spacing"], steps: number, most: number): number[] {
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= most))
    throw new Error(
      `sampler: steps takes a whole number from 1 to the schedule's ${most} but receives ${steps}`,
    );
  const at = (i: number): number => {
    if (spacing === "trailing") return Math.round(most - (i * most) / steps);
    if (spacing === "leading") return Math.floor(most / steps) * (steps - 1 - i) + 1;
    return Math.round(most - (i * (most - 1)) / Math.max(1, steps - 1));
  };
  return Array.from({ length: steps }, (_, i) => at(i));
}
