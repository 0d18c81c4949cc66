export { prepareWith, simd } from "./executable.js";
export type { KernelBuild } from "./load-kernels.js";
