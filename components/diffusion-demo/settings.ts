/** What a demo is set to: its attributes, checked and completed. */
import { hint } from "../../dsl/message.js";
import type { Net } from "../../dsl/net.js";
import type { BackendName } from "../../runtime/backends/backend.js";
import { type DataSet, points, standardize } from "../../runtime/data/index.js";
import { linearSchedule, type Sampler, type Schedule } from "../../runtime/diffusion/index.js";
import { type Demo, demos, denoisers, samplers, schedules } from "../../specs/index.js";
import { type PointsInput, pointsOf } from "../plot/points.js";

/** The attributes as they stand on the element; null where one is not given. A number may be text that is none. */
export interface Raw {
  readonly data: string;
  /** Points given by the page, in place of `data`. */
  readonly points: PointsInput | null;
  readonly model: string;
  readonly schedule: string;
  readonly steps: number | string;
  readonly sampler: string;
  readonly hidden: string | number | null;
  readonly batchSize: number | string | null;
  readonly rate: number | string | null;
  readonly seconds: number | string | null;
  readonly seed: number | string;
  readonly backend: string;
}

/** Everything that a run needs. */
export interface Settings {
  /** Standardized. */
  readonly dataSet: DataSet;
  /** The same distribution drawn with another seed, not standardized; null for points given by the page. */
  readonly again: ((seed: number) => DataSet) | null;
  readonly nDim: number;
  readonly model: Net;
  readonly schedule: Schedule;
  readonly sampler: Sampler;
  readonly nHidden: number;
  readonly layers: number;
  readonly batchSize: number;
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  readonly backend: BackendName | "auto";
}

const backends = { auto: "auto", simd: "simd", webgl: "webgl", cpu: "cpu" } as const;

/** Checks all attributes. Throws one error with a line for each that is wrong: `steps takes … but receives …`. */
export function settingsOf(raw: Raw): Settings {
  const faults: string[] = [];
  /** What `read` gives; where it throws, the words are kept and `otherwise` stands in for the rest of the checks. */
  const attempt = <T>(otherwise: T, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
      return otherwise;
    }
  };
  const demo = attempt<Demo>(demos.gaussianMixture, () => demoOf(raw));
  const make = attempt(denoisers.mlp, () => choice("model", raw.model, denoisers));
  const sampler = attempt<Sampler>(samplers.ddpm, () => choice("sampler", raw.sampler, samplers));
  const backend = attempt("auto" as const, () => choice("backend", raw.backend, backends));
  const steps = attempt(200, () => whole("steps", raw.steps, 2, 4000));
  const schedule = attempt(schedules.linear(200), () => scheduleOf(raw.schedule, steps));
  const size = attempt({ nHidden: 1, layers: 1 }, () => (raw.hidden === null ? demo : hiddenOf(raw.hidden)));
  const batchSize = attempt(1, () => whole("batch-size", raw.batchSize ?? demo.batchSize, 1, 65_536));
  const rate = attempt(1, () => positive("rate", raw.rate ?? demo.learningRate));
  const seconds = attempt(1, () => positive("seconds", raw.seconds ?? (demo.nDim === 1 ? 60 : 80)));
  const seed = attempt(0, () => whole("seed", raw.seed, 0, 2 ** 31 - 1));
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const { nDim, data } = demo;
  const { nHidden, layers } = size;
  return {
    dataSet: standardize(data(seed)),
    again: raw.points === null ? data : null,
    nDim,
    model: make({ nDim, tMax: steps, nHidden, layers }),
    schedule,
    sampler,
    nHidden,
    layers,
    batchSize,
    rate,
    seconds,
    seed,
    backend,
  };
}

const quoted = (value: unknown): string => (typeof value === "string" ? `“${value}”` : String(value));

/** The number, if it fits. Text that is empty is none. */
function number(name: string, value: number | string, want: string, fits: (v: number) => boolean): number {
  const read = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (!fits(read)) throw new Error(`${name} takes ${want} but receives ${quoted(value)}`);
  return read;
}

const whole = (name: string, value: number | string, least: number, most: number): number =>
  number(
    name,
    value,
    `a whole number from ${least} to ${most}`,
    (v) => Number.isInteger(v) && v >= least && v <= most,
  );

const positive = (name: string, value: number | string): number =>
  number(name, value, "a positive number", (v) => v > 0 && Number.isFinite(v));

/** `gaussian-mixture`, `Gaussian mixture` and `gaussianMixture` are one word. */
const plain = (word: string): string => word.replaceAll(/[-_ ]/g, "").toLowerCase();

/** The key of `table` that the attribute names. */
export function keyOf<K extends string>(
  attribute: string,
  word: string,
  table: Readonly<Record<K, unknown>>,
): K {
  const words = Object.keys(table) as K[];
  const found = words.find((key) => plain(key) === plain(String(word)));
  if (found !== undefined) return found;
  const want = words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  throw new Error(`${attribute} takes ${want} but receives ${quoted(word)}${hint(String(word), words)}`);
}

const choice = <T>(attribute: string, word: string, table: Readonly<Record<string, T>>): T =>
  table[keyOf(attribute, word, table)] as T;

/** The demo of the data, or one of the given points with the settings of their dimension. */
function demoOf({ data, points: given }: Raw): Demo {
  if (given === null) return choice<Demo>("data", data, demos);
  const { count, dims, values } = pointsOf(given, "points");
  const set = points({ shape: [count, dims], dtype: "float32", data: values });
  return { ...(dims === 1 ? demos.gaussianMixture : demos.spiral), label: "Points", data: () => set };
}

/** One of the schedules, or `linear` with its first and last β: `linear 0.0001 0.02`. */
function scheduleOf(text: string, steps: number): Schedule {
  const [word = "", ...betas] = text.trim().split(/\s+/);
  if (word !== "linear" || betas.length === 0) return choice("schedule", text.trim(), schedules)(steps);
  const [betaStart, betaEnd] = betas.map(Number);
  if (betas.length !== 2 || betaStart === undefined || betaEnd === undefined)
    throw new Error(
      `schedule takes two β after linear, as in linear 0.0001 0.2, but receives ${quoted(text)}`,
    );
  return linearSchedule({ steps, betaStart, betaEnd });
}

/** `128` is three hidden layers of 128, `256x4` four of 256. */
function hiddenOf(text: string | number): { readonly nHidden: number; readonly layers: number } {
  const [, width = "0", count = "3"] = /^\s*(\d{1,4})(?:\s*[x×]\s*(\d{1,2}))?\s*$/i.exec(String(text)) ?? [];
  const [nHidden, layers] = [Number(width), Number(count)];
  if (nHidden < 1 || nHidden > 2048 || layers < 1 || layers > 16)
    throw new Error(
      `hidden takes a width up to 2048, or a width and up to 16 layers as in 256x4, but receives ${quoted(text)}`,
    );
  return { nHidden, layers };
}
