import type { BackendName } from "../runtime/backends/backend.js";

/** The backends that a test can run on where it is: Node, or a worker of the browser. */
export const backendsHere: readonly BackendName[] =
  "OffscreenCanvas" in globalThis ? ["simd", "webgl"] : ["simd", "cpu"];
