export { type Points, slicedWasserstein, type Weights, wasserstein1 } from "./wasserstein.js";
