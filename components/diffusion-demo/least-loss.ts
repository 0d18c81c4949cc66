/** How low the loss can come, where the data's distribution is known in closed form. */
import { type DataSet, draw, statistics } from "../../runtime/data/index.js";
import type { Schedule } from "../../runtime/diffusion/index.js";

/** Points of the integral over x_t, and how far it reaches. */
const [points, reach] = [400, 8];

/**
 * The least mean squared error of a guess of ε, the mean over t of
 *
 *     E(ε − E[ε | x_t])² = 1 − (1−ᾱ_t)·E[(d/dx log p_t(x_t))²]
 *
 * for the standardized mixture of two normals, of which p_t is again a mixture; null for other data. The score is
 * −E[ε | x_t]/√(1−ᾱ_t) by Tweedie's formula.
 */
export function leastLoss(data: DataSet, schedule: Schedule): number | null {
  if (data.kind !== "standardize" || data.of.kind !== "gaussianMixture") return null;
  const { p, std } = data.of;
  const scale = statistics(draw(data.of));
  const [mean, sd] = [scale.mean[0] as number, scale.sd[0] as number];
  const parts = [
    { weight: p, at: (-0.5 - mean) / sd },
    { weight: 1 - p, at: (0.5 - mean) / sd },
  ];
  const losses = schedule.alphaBars.map((alphaBar) => {
    const [signal, variance] = [Math.sqrt(alphaBar), alphaBar * (std / sd) ** 2 + 1 - alphaBar];
    let information = 0;
    for (let i = 0; i < points; i++) {
      const x = ((i + 0.5) / points - 0.5) * 2 * reach;
      let [density, slope] = [0, 0];
      for (const { weight, at } of parts) {
        const away = x - signal * at;
        const mass = weight * Math.exp((-away * away) / (2 * variance));
        density += mass;
        slope -= (mass * away) / variance;
      }
      if (density > 0) information += (slope * slope) / density;
    }
    information *= (2 * reach) / points / Math.sqrt(2 * Math.PI * variance);
    return 1 - (1 - alphaBar) * information;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}
