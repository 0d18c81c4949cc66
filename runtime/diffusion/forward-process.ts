/** The forward process: data with noise mixed in. */
import { table } from "../../dsl/expression.js";
import { fn } from "../../dsl/fn.js";
import type { Shape } from "../../dsl/net.js";
import { anything, integer } from "../../dsl/ports.js";
import type { Schedule } from "./schedule.js";

/**
 * x_t = √ᾱ_t·x₀ + √(1−ᾱ_t)·ε as a traced function of ports t (1 … T), x0 and eps. The shape of x0 and eps is
 * inferred from the wiring unless `shape` is given. Ho et al. 2020, arXiv 2006.11239, equation 4.
 */
export function forwardProcess({ steps, alphaBars }: Schedule, shape?: Shape) {
  const sqrtAlphaBar = table("sqrtAlphaBar", alphaBars.map(Math.sqrt));
  const sqrtOneMinusAlphaBar = table(
    "sqrtOneMinusAlphaBar",
    alphaBars.map((alphaBar) => Math.sqrt(1 - alphaBar)),
  );
  const point = shape ? { dtype: "real" as const, shape } : anything;
  return fn({ t: integer(1, steps), x0: point, eps: point }, ({ t, x0, eps }) =>
    sqrtAlphaBar(t).mul(x0).add(sqrtOneMinusAlphaBar(t).mul(eps)),
  );
}
