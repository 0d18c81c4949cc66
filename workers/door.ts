/**
 * What comes from another thread is checked here for its form, before anything is built from it; what is of the
 * right form but does not fit (a batch larger than the data, an unknown backend) is refused by what it is given to.
 */
import * as z from "zod/mini";
import { parseNet } from "../dsl/json.js";
import { readAs } from "../dsl/read-as.js";
import { dataSetSchema } from "../runtime/data/data-set.js";
import { predictionSchema } from "../runtime/diffusion/prediction.js";
import { samplerSchema } from "../runtime/diffusion/sampler.js";
import { scheduleSchema } from "../runtime/diffusion/schedule.js";
import type { GenerateOptions } from "../runtime/generator.js";
import type { InspectOptions } from "../runtime/inspect.js";
import { optimizerSchema } from "../runtime/optimizers.js";
import type { TrainOptions } from "../runtime/training.js";

const numbers = z.record(z.string(), z.number());
const vectors = z.record(z.string(), z.instanceof(Float32Array));
/** Arrays and nested numbers are looked through when they become columns; descriptions are checked here. */
const column = z
  .custom<object>((value) => typeof value === "object" && value !== null, {
    error: "takes an array, nested numbers or a data set",
    abort: true,
  })
  .check(
    z.superRefine((value, context) => {
      if (!("kind" in value)) return;
      for (const { path, message } of readAs(dataSetSchema, value).issues)
        context.addIssue({ code: "custom", path, message });
    }),
  );
const columns = z.record(z.string(), column);
const everyRun = {
  seed: z.optional(z.int()),
  backend: z.optional(z.string()),
  memoryLimit: z.optional(z.number()),
  threads: z.optional(z.number()),
};

const trainSchema = z.strictObject({
  ...everyRun,
  data: columns,
  batchSize: z.optional(z.number()),
  microBatch: z.optional(z.number()),
  replicas: z.optional(z.number()),
  optimizer: z.optional(optimizerSchema),
  ema: z.optional(z.union([z.number(), z.literal(false)])),
  losses: z.optional(numbers),
  until: z.optional(
    z.partial(z.strictObject({ seconds: z.number(), steps: z.number(), rounds: z.number() })),
  ),
  from: z.optional(
    z.strictObject({ net: z.unknown(), state: vectors, step: z.int().check(z.gte(0)), seed: z.int() }),
  ),
});

const generateSchema = z.strictObject({
  ...everyRun,
  schedule: scheduleSchema,
  sampler: z.optional(samplerSchema),
  predicts: z.optional(predictionSchema),
  clip: z.optional(z.number()),
  count: z.number(),
  first: z.optional(z.number()),
  inputs: z.optional(columns),
  guidance: z.optional(z.strictObject({ weight: z.number(), inputs: numbers })),
  initial: z.optional(column),
  trajectory: z.optional(z.union([z.boolean(), z.strictObject({ every: z.number() })])),
});

const inspectSchema = z.strictObject({
  seed: z.optional(z.int()),
  backend: z.optional(z.string()),
  mode: z.optional(z.enum(["train", "evaluate"])),
  batchSize: z.optional(z.number()),
});

/** The inputs of a net, if they are columns by port. */
export const inspectInputs = (value: unknown): TrainOptions["data"] =>
  ofForm<TrainOptions["data"]>(columns, value, "inspect");

/** The options, if they are of the form that `inspect` takes. Throws one line for each thing that is wrong. */
export const inspectOptions = (value: unknown): InspectOptions =>
  ofForm<InspectOptions>(inspectSchema, value, "inspect");

/** The options, if they are of the form that `train` takes. Throws one line for each thing that is wrong. */
export function trainOptions(value: unknown): TrainOptions {
  const options = ofForm<TrainOptions>(trainSchema, value, "train");
  return options.from ? { ...options, from: { ...options.from, net: parseNet(options.from.net) } } : options;
}

/** The options, if they are of the form that `generate` takes. Throws one line for each thing that is wrong. */
export const generateOptions = (value: unknown): GenerateOptions =>
  ofForm<GenerateOptions>(generateSchema, value, "generate");

function ofForm<T>(schema: z.ZodMiniType, value: unknown, who: string): T {
  const issues = readAs(schema, value).issues;
  if (issues.length === 0) return value as T;
  const lines = issues.map(({ path, message }) => [who, path.join("."), message].filter(Boolean).join(": "));
  throw new Error(lines.join("\n"));
}
