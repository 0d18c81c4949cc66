import type { BackendName } from "../runtime/backends/backend.js";

/** Whether the browser has an adapter for WebGPU. */
const hasAdapter = Boolean(await globalThis.navigator?.gpu?.requestAdapter());

/** The backends that a test can run on where it is: Node, or a worker of the browser. */
export const backendsHere: readonly BackendName[] =
  "OffscreenCanvas" in globalThis
    ? ["simd", "webgl", ...(hasAdapter ? (["webgpu"] as const) : [])]
    : ["simd", "cpu"];
