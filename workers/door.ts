/**
 * What comes from another thread is checked here for its form, before anything is built from it; what is of the
 * right form but does not fit (a batch larger than the data, an unknown backend) is refused by what it is given to.
 */
import { z } from "zod";
import { dataSetSchema } from "../runtime/data/data-set.js";
import { samplerSchema } from "../runtime/diffusion/sampler.js";
import { scheduleSchema } from "../runtime/diffusion/schedule.js";

const netForm = z.looseObject({ op: z.string() });
const numbers = z.record(z.string(), z.number());
const vectors = z.record(z.string(), z.instanceof(Float32Array));
/** Arrays and nested numbers are looked through when they become columns. */
const column = z.union([z.instanceof(Object).refine((value) => !("kind" in value)), dataSetSchema], {
  error: "takes an array, nested numbers or a data set",
});
const everyRun = { seed: z.int().optional(), backend: z.string().optional() };

const trainSchema = z.strictObject({
  ...everyRun,
  data: z.record(z.string(), column),
  batchSize: z.number().optional(),
  optimizer: z
    .discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("adam"),
        learningRate: z.number(),
        beta1: z.number(),
        beta2: z.number(),
        epsilon: z.number(),
      }),
      z.strictObject({ kind: z.literal("sgd"), learningRate: z.number(), momentum: z.number() }),
    ])
    .optional(),
  ema: z.union([z.number(), z.literal(false)]).optional(),
  losses: numbers.optional(),
  until: z.strictObject({ seconds: z.number(), steps: z.number(), rounds: z.number() }).partial().optional(),
  from: z.strictObject({ net: z.unknown(), state: vectors, step: z.int().min(0), seed: z.int() }).optional(),
});

const generateSchema = z.strictObject({
  ...everyRun,
  schedule: scheduleSchema,
  sampler: samplerSchema,
  count: z.number(),
  initial: column.optional(),
  trajectory: z.union([z.boolean(), z.strictObject({ every: z.number() })]).optional(),
});

/** Throws one line for each thing that is wrong: `train: until.seconds: …`. */
function check(schema: z.ZodType, value: unknown, where: string): void {
  const issues = schema.safeParse(value).error?.issues ?? [];
  if (issues.length > 0)
    throw new Error(
      issues
        .map(({ path, message }) => [where, path.join("."), message].filter(Boolean).join(": "))
        .join("\n"),
    );
}

/** Refuses a net or options of another form than `train` takes. */
export function checkTrain(net: unknown, options: unknown): void {
  check(netForm, net, "net");
  check(trainSchema, options, "train");
}

/** Refuses a model or options of another form than `generate` takes. */
export function checkGenerate(model: unknown, options: unknown): void {
  check(netForm, model, "model");
  check(generateSchema, options, "generate");
}
