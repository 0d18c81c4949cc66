/** What a net says of a noisy point: the noise in it, the data behind it, or v between the two. */
import * as z from "zod/mini";
import { type Symbolic, table } from "../../dsl/expression.js";
import { fn } from "../../dsl/fn.js";
import type { Fn, Shape } from "../../dsl/net.js";
import { anything, integer } from "../../dsl/ports.js";
import type { Schedule } from "./schedule.js";

/** `eps`: ε. `x0`: x₀. `v`: √ᾱ_t ε − √(1−ᾱ_t) x₀ (Salimans and Ho 2022, arXiv 2202.00512, section 4). */
export const predictionSchema = z.enum(["eps", "x0", "v"]);
export type Prediction = z.infer<typeof predictionSchema>;

const tables = ({ alphaBars }: Schedule) => ({
  signal: table("sqrtAlphaBar", alphaBars.map(Math.sqrt)),
  noise: table(
    "sqrtOneMinusAlphaBar",
    alphaBars.map((alphaBar) => Math.sqrt(1 - alphaBar)),
  ),
});
type Real = Symbolic<"real">;

/** What the net should say, as a traced function of t (1 … T), x0 and eps. */
export function targetOf(prediction: Prediction, schedule: Schedule): Fn {
  const { signal, noise } = tables(schedule);
  return fn({ t: integer(1, schedule.steps), x0: anything, eps: anything }, ({ t, x0, eps }): Real => {
    if (prediction === "v") return signal(t).mul(eps).sub(noise(t).mul(x0));
    return prediction === "eps" ? eps : x0;
  });
}

/**
 * x̂₀ from what the net says of x_t, as a traced function of t (1 … T), xt and said, for points of `shape`:
 * (x_t − √(1−ᾱ_t) ε̂)/√ᾱ_t, or √ᾱ_t x_t − √(1−ᾱ_t) v̂. With `clip` it is kept within ±clip, as images' pixels are.
 * Throws for ε where ᾱ_T = 0: noise alone tells nothing of the data.
 */
export function x0HatOf(
  prediction: Prediction,
  schedule: Schedule,
  { shape, clip }: { readonly shape: Shape; readonly clip?: number | undefined },
): Fn {
  if (prediction === "eps" && schedule.terminalSignal === 0)
    throw new Error(
      "sampler: a schedule that ends in pure noise takes a model of v or x0 but receives one of eps",
    );
  const { signal, noise } = tables(schedule);
  const point = { dtype: "real", shape } as const;
  return fn({ t: integer(1, schedule.steps), xt: point, said: point }, ({ t, xt, said }): Real => {
    const x0Hat =
      prediction === "eps"
        ? xt.sub(noise(t).mul(said)).div(signal(t))
        : prediction === "v"
          ? signal(t).mul(xt).sub(noise(t).mul(said))
          : said;
    return clip === undefined ? x0Hat : x0Hat.max(-clip).min(clip);
  });
}
