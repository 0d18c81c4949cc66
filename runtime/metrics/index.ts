export { type HistogramOptions, jsDivergence, klDivergence, kolmogorovSmirnov } from "./divergence.js";
export { energyDistance, type MmdOptions, medianHeuristic, mmd } from "./energy.js";
export { frechetDistance } from "./frechet.js";
export { memorisation, nearerShare, nearestDistances, precisionRecall } from "./neighbours.js";
export { type NoiseFloor, noiseFloor } from "./noise-floor.js";
export { wasserstein2 } from "./transport.js";
export { type Points, slicedWasserstein, type Weights, wasserstein1 } from "./wasserstein.js";
