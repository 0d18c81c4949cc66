/** Samplers: which way back from noise to data. */
import * as z from "zod";

/** Ancestral sampling through t = T … 1, with σ_t² = β_t, or β̃_t = β_t(1−ᾱ_{t−1})/(1−ᾱ_t). */
export interface Ddpm {
  readonly kind: "ddpm";
  readonly variance: "beta" | "betaTilde";
}
export type Sampler = Ddpm;

/** What a sampler must be when it comes from outside. */
export const samplerSchema: z.ZodType<Sampler> = z.strictObject({
  kind: z.literal("ddpm"),
  variance: z.enum(["beta", "betaTilde"]),
});

/** The sampler of Ho et al. 2020, arXiv 2006.11239, algorithm 2. `variance` is "beta" by default. */
export const ddpm = ({ variance = "beta" }: Partial<Pick<Ddpm, "variance">> = {}): Ddpm => ({
  kind: "ddpm",
  variance,
});
