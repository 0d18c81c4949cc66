/**
 * What comes from another thread is checked here for its form, before anything is built from it; what is of the
 * right form but does not fit (a batch larger than the data, an unknown backend) is refused by what it is given to.
 */
import * as z from "zod";
import { parseNet } from "../dsl/json.js";
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
  .superRefine((value, context) => {
    if (!("kind" in value)) return;
    for (const { path, message } of dataSetSchema.safeParse(value).error?.issues ?? [])
      context.addIssue({ code: "custom", path, message });
  });
const columns = z.record(z.string(), column);
const everyRun = {
  seed: z.int().optional(),
  backend: z.string().optional(),
  memoryLimit: z.number().optional(),
  threads: z.number().optional(),
};

const trainSchema = z.strictObject({
  ...everyRun,
  data: columns,
  batchSize: z.number().optional(),
  microBatch: z.number().optional(),
  replicas: z.number().optional(),
  optimizer: optimizerSchema.optional(),
  ema: z.union([z.number(), z.literal(false)]).optional(),
  losses: numbers.optional(),
  until: z.strictObject({ seconds: z.number(), steps: z.number(), rounds: z.number() }).partial().optional(),
  from: z.strictObject({ net: z.unknown(), state: vectors, step: z.int().min(0), seed: z.int() }).optional(),
});

const generateSchema = z.strictObject({
  ...everyRun,
  schedule: scheduleSchema,
  sampler: samplerSchema.optional(),
  predicts: predictionSchema.optional(),
  clip: z.number().optional(),
  count: z.number(),
  first: z.number().optional(),
  inputs: columns.optional(),
  guidance: z.strictObject({ weight: z.number(), inputs: numbers }).optional(),
  initial: column.optional(),
  trajectory: z.union([z.boolean(), z.strictObject({ every: z.number() })]).optional(),
});

const inspectSchema = z.strictObject({
  seed: z.int().optional(),
  backend: z.string().optional(),
  mode: z.enum(["train", "evaluate"]).optional(),
  batchSize: z.number().optional(),
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

function ofForm<T>(schema: z.ZodType, value: unknown, who: string): T {
  const issues = schema.safeParse(value).error?.issues ?? [];
  if (issues.length === 0) return value as T;
  const lines = issues.map(({ path, message }) => [who, path.join("."), message].filter(Boolean).join(": "));
  throw new Error(lines.join("\n"));
}
