/** The elements. Importing this registers them all. */
export { DenoiseStrip } from "./denoise-strip.js";
export { DensityPlot } from "./density-plot.js";
export { DiffusionDemo } from "./diffusion-demo/diffusion-demo.js";
export { ForwardProcess } from "./forward-process.js";
export { HistogramPlot } from "./histogram-plot.js";
export { ImageGrid } from "./image-grid.js";
export { LossPlot } from "./loss-plot.js";
export { NetDiagram } from "./net-diagram/net-diagram.js";
export type { PointsInput } from "./plot/points.js";
export { installTokens, tokenCss } from "./tokens.js";
export { TrajectoryPlayer } from "./trajectory-player.js";
