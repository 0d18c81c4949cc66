/** Samplers: which way back from noise to data. */
import * as z from "zod/mini";

const ddpmSchema = z.strictObject({ kind: z.literal("ddpm"), variance: z.enum(["beta", "betaTilde"]) });
const ddimSchema = z.strictObject({
  kind: z.literal("ddim"),
  steps: z.int().check(z.gte(1)),
  eta: z.number().check(z.gte(0), z.lte(1)),
  spacing: z.enum(["trailing", "leading", "linspace"]),
  inverse: z.boolean(),
});

/** Ancestral sampling through t = T … 1, with σ_t² = β_t, or β̃_t = β_t(1−ᾱ_{t−1})/(1−ᾱ_t). */
export type Ddpm = Readonly<z.infer<typeof ddpmSchema>>;
/** Some of the steps, with as much fresh noise as η says; `inverse` goes from data to noise. */
export type Ddim = Readonly<z.infer<typeof ddimSchema>>;
export type Sampler = Ddpm | Ddim;

/** What a sampler must be when it comes from outside. */
export const samplerSchema: z.ZodMiniType<Sampler> = z.discriminatedUnion("kind", [ddpmSchema, ddimSchema]);

/** The sampler of Ho et al. 2020, arXiv 2006.11239, algorithm 2. `variance` is "beta" by default. */
export const ddpm = ({ variance = "beta" }: Partial<Pick<Ddpm, "variance">> = {}): Ddpm => ({
  kind: "ddpm",
  variance,
});

/**
 * The implicit sampler of Song et al. 2020, arXiv 2010.02502: η = 0 (the default) is deterministic, a way from noise to
 * data and, `inverse`, from data to its noise; η = 1 over all steps is DDPM with β̃. `steps` is 50 by default; `spacing`
 * says which of the schedule's times they are, "trailing" by default (`timesOf`).
 */
export const ddim = ({
  steps = 50,
  eta = 0,
  spacing = "trailing",
  inverse = false,
}: Partial<Omit<Ddim, "kind">> = {}): Ddim => ({ kind: "ddim", steps, eta, spacing, inverse });
