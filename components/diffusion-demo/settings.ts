/** What a demo is set to: its attributes, checked and completed. */
import type { NDArray } from "../../dsl/array.js";
import type { Net } from "../../dsl/net.js";
import type { BackendName } from "../../runtime/backends/backend.js";
import { type DataSet, draw, points, standardize } from "../../runtime/data/index.js";
import type { Sampler, Schedule } from "../../runtime/diffusion/index.js";
import { adam, type Optimizer, warmUp } from "../../runtime/optimizers.js";
import type { Column } from "../../runtime/training.js";
import {
  type Demo,
  demos,
  denoisers,
  type ImageDemo,
  imageDemos,
  imageDenoisers,
  samplers,
  schedules,
} from "../../specs/index.js";
import { imagesOf } from "../plot/images.js";
import { type PointsInput, pointsOf } from "../plot/points.js";
import { choice, keyOf, positive, quoted, sizesOf, whole } from "./attributes.js";
import { first } from "./rows.js";

/** The attributes as they stand on the element; null where one is not given. A number may be text that is none. */
export interface Raw {
  readonly data: string;
  /** Points given by the page, in place of `data`. */
  readonly points: PointsInput | null;
  /** Images given by the page or its reader, in place of `data`. */
  readonly pictures: NDArray | null;
  readonly model: string | null;
  readonly schedule: string | null;
  readonly steps: number | string;
  readonly sampler: string | null;
  readonly hidden: string | number | null;
  readonly batchSize: number | string | null;
  readonly rate: number | string | null;
  readonly seconds: number | string | null;
  readonly seed: number | string;
  readonly backend: string;
}

/** What runs of points and of images have in common. */
interface Common {
  readonly model: Net;
  readonly schedule: Schedule;
  readonly sampler: Sampler;
  /** The words that stand for the model, the schedule and the sampler. */
  readonly words: { readonly model: string; readonly schedule: string; readonly sampler: string };
  /** Width and number of the hidden layers; of a UNet, channels of the first level and number of levels. */
  readonly nHidden: number;
  readonly layers: number;
  readonly batchSize: number;
  readonly rate: number;
  readonly optimizer: Optimizer;
  readonly seconds: number;
  readonly seed: number;
  readonly backend: BackendName | "auto";
}

export interface PointsSettings extends Common {
  readonly kind: "points";
  /** Standardized. */
  readonly dataSet: DataSet;
  /** The same distribution drawn with another seed, not standardized; null for points given by the page. */
  readonly again: ((seed: number) => DataSet) | null;
  readonly nDim: number;
}

export interface ImagesSettings extends Common {
  readonly kind: "images";
  /** Images from −1 to 1; null while the files are awaited. */
  readonly dataSet: Column | null;
  readonly count: number;
  /** Height, width and channels. */
  readonly shape: readonly [number, number, number];
  /** The first of them, to be shown. */
  readonly shown: NDArray | null;
}

/** Everything that a run needs. */
export type Settings = PointsSettings | ImagesSettings;

/** Images of a sheet of the data. */
export const shownImages = 25;
/** Steps over which the learning rate of a UNet rises, and the longest gradient that it takes as it is. */
const [warmUpSteps, longest] = [100, 1];

const backends = { auto: "auto", simd: "simd", webgpu: "webgpu", webgl: "webgl", cpu: "cpu" } as const;
/** All words for data. */
export const allDemos = { ...demos, ...imageDemos } as const;

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
  const seed = attempt(0, () => whole("seed", raw.seed, 0, 2 ** 31 - 1));
  const data = attempt<Data>(pointsData(demos.gaussianMixture), () => dataOf(raw, seed));
  const { demo } = data;
  const models: Readonly<Record<string, unknown>> = data.kind === "points" ? denoisers : imageDenoisers;
  const words = {
    model: attempt("", () => keyOf("model", raw.model ?? (Object.keys(models)[0] as string), models)),
    schedule: raw.schedule ?? (data.kind === "points" ? "linear" : "cosine"),
    sampler: attempt("ddpm" as const, () =>
      keyOf("sampler", raw.sampler ?? (data.kind === "points" ? "ddpm" : "ddim25"), samplers),
    ),
  };
  const backend = attempt("auto" as const, () => choice("backend", raw.backend, backends));
  const steps = attempt(200, () => whole("steps", raw.steps, 2, 4000));
  const schedule = attempt(schedules.linear(200), () => scheduleOf(words.schedule, steps));
  const size = attempt(demo, () =>
    raw.hidden === null
      ? demo
      : data.kind === "points"
        ? hiddenOf(raw.hidden)
        : channelsOf(raw.hidden, data.shape),
  );
  const { nHidden, layers } = size;
  const batchSize = attempt(1, () => whole("batch-size", raw.batchSize ?? demo.batchSize, 1, 65_536));
  const rate = attempt(1, () => positive("rate", raw.rate ?? demo.learningRate));
  const seconds = attempt(1, () => positive("seconds", raw.seconds ?? demo.seconds));
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const common = { schedule, words, nHidden, layers, batchSize, rate, seconds, seed, backend };
  // A schedule of few steps has no more for DDIM to take.
  const chosen = samplers[words.sampler];
  const sampler =
    chosen.kind === "ddim" ? { ...chosen, steps: Math.min(chosen.steps, schedule.steps) } : chosen;
  if (data.kind === "points")
    return {
      ...common,
      kind: "points",
      sampler,
      dataSet: standardize(data.demo.data(seed)),
      again: raw.points === null ? data.demo.data : null,
      nDim: data.demo.nDim,
      model: choice("model", words.model, denoisers)({ nDim: data.demo.nDim, tMax: steps, nHidden, layers }),
      optimizer: adam({ learningRate: rate }),
    };
  const { dataSet, count, shape, shown } = data;
  const [height, , channels] = shape;
  return {
    ...common,
    kind: "images",
    sampler,
    dataSet,
    count,
    shape,
    shown,
    model: choice(
      "model",
      words.model,
      imageDenoisers,
    )({ size: height, channels, tMax: steps, c: nHidden, depth: layers }),
    optimizer: adam({ learningRate: warmUp(rate, warmUpSteps), clip: longest }),
  };
}

/** The data, and the demo whose settings are its defaults. */
type Data =
  | { readonly kind: "points"; readonly demo: Demo }
  | ({ readonly kind: "images"; readonly demo: ImageDemo } & Pick<
      ImagesSettings,
      "dataSet" | "count" | "shape" | "shown"
    >);
const pointsData = (demo: Demo): Data => ({ kind: "points", demo });

function dataOf({ data: word, points: given, pictures }: Raw, seed: number): Data {
  if (pictures !== null) return picturesData(pictures);
  if (given !== null) {
    const { count, dims, values } = pointsOf(given, "points");
    const set = points({ shape: [count, dims], dtype: "float32", data: values });
    return pointsData({
      ...(dims === 1 ? demos.gaussianMixture : demos.spiral),
      label: "Points",
      data: () => set,
    });
  }
  const key = keyOf("data", word, allDemos);
  if (key in demos) return pointsData(demos[key as keyof typeof demos]);
  const demo: ImageDemo = imageDemos[key as keyof typeof imageDemos];
  const dataSet = demo.data?.(seed) ?? null;
  // An image does not depend on how many there are.
  const shown = dataSet?.kind === "strokes" ? draw({ ...dataSet, n: shownImages }) : null;
  const count = dataSet?.kind === "strokes" ? dataSet.n : 0;
  return { kind: "images", demo, dataSet, count, shape: [28, 28, 1], shown };
}

function picturesData(pictures: NDArray): Data {
  const { count, height, width, channels } = imagesOf(pictures, "pictures");
  if (height !== width)
    throw new Error(`pictures takes square images but receives images of ${height} by ${width} pixels`);
  const images: NDArray = { ...pictures, shape: [count, height, width, channels] };
  const { digits } = imageDemos;
  const batchSize = Math.min(digits.batchSize, count);
  return {
    kind: "images",
    demo: { ...digits, batchSize, layers: Math.min(digits.layers, levelsOf(height)) },
    dataSet: images,
    count,
    shape: [height, width, channels],
    shown: first(images, shownImages),
  };
}

/** One of the schedules, or with a first and a last β: `linear 0.0001 0.02`. */
function scheduleOf(text: string, steps: number): Schedule {
  const [, word = "", numbers = ""] = /^\s*(.*?)((?:\s+[\d.e+-]+)*)\s*$/i.exec(text) ?? [];
  const key = keyOf("schedule", word, schedules);
  const betas = numbers.split(/\s+/).filter(Boolean).map(Number);
  if (betas.length === 0) return schedules[key](steps);
  const [betaStart, betaEnd] = betas;
  if (key === "cosine" || betas.length !== 2 || betaStart === undefined || betaEnd === undefined)
    throw new Error(
      key === "cosine"
        ? `schedule takes no β after cosine but receives ${quoted(text)}`
        : `schedule takes two β after ${key}, as in ${key} 0.0001 0.2, but receives ${quoted(text)}`,
    );
  return schedules[key](steps, { betaStart, betaEnd });
}

type Size = { readonly nHidden: number; readonly layers: number };

function hiddenOf(text: string | number): Size {
  const [nHidden, layers] = sizesOf(text);
  if (nHidden < 1 || nHidden > 2048 || layers < 1 || layers > 16)
    throw new Error(
      `hidden takes a width up to 2048, or a width and up to 16 layers as in 256x4, but receives ${quoted(text)}`,
    );
  return { nHidden, layers };
}

/** Channels, which the norms divide into eight groups, and levels, each half as large as the one before. */
function channelsOf(text: string | number, [size]: readonly [number, number, number]): Size {
  const [nHidden, layers] = sizesOf(text);
  const most = levelsOf(size);
  if (nHidden < 8 || nHidden > 256 || nHidden % 8 !== 0 || layers < 1 || layers > most)
    throw new Error(
      `hidden takes channels in eights up to 256, or channels and up to ${most} levels as in 32x${most}, but receives ${quoted(text)}`,
    );
  return { nHidden, layers };
}

/** How many levels there can be where each is half as large as the one before. */
const levelsOf = (size: number): number => (size % 2 === 0 ? 1 + levelsOf(size / 2) : 1);
