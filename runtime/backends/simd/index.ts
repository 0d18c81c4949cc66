export { prepareWith, simd } from "./executable.js";
export { type KernelBuild, readyKernels } from "./load-kernels.js";
