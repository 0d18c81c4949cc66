/** The GPU: tfjs's WebGL kernels, and one fragment program of ours for each elementwise run. */
import { GPGPUContext, MathBackendWebGL, setWebGLContext } from "@tensorflow/tfjs-backend-webgl";
import { env } from "@tensorflow/tfjs-core";
import type { Backend } from "../backend.js";
import { type Device, TfjsExecutable } from "./executable.js";
import { shared } from "./kernels.js";
import { Painter } from "./painter.js";
import { ownKernels } from "./programs.js";

/**
 * Runs in a page and in a worker, on one WebGL 2 context for all executables there (browsers allow about 16).
 * `prepare` throws where WebGL 2 or float32 textures are missing; a lost context makes later calls throw, and
 * the next `prepare` begins with a new one.
 */
export const webgl: Backend = {
  name: "webgl",
  composites: new Set(),
  epilogues: false,
  prepare: async (program, { share } = {}) => new TfjsExecutable(program, device, share),
};

function device(): Device {
  const gpgpu = context();
  const backend = new MathBackendWebGL(gpgpu);
  const painter = new Painter(backend);
  return {
    name: "webgl",
    backend,
    kernels: { ...shared, ...ownKernels(painter) },
    check: () => {
      if (gpgpu.gl.isContextLost())
        throw new Error("webgl: the browser has taken the WebGL context away; prepare the program again");
    },
    read: (dataId) => (mayWait ? backend.readSync(dataId) : backend.read(dataId)),
    ran: () => painter.clear(),
    dispose: () => {
      painter.dispose();
      // What was drawn last stays bound, and is no longer ours to draw with.
      gpgpu.program = null;
      backend.dispose();
    },
  };
}

/**
 * A worker waits for the GPU, which is over at once when the work is; a page asks again and again whether it
 * is, from timers, which takes 10 ms and more longer.
 */
const mayWait = typeof document === "undefined";

let current: GPGPUContext | undefined;

/** The context of this page or worker. */
function context(): GPGPUContext {
  if (current && !current.gl.isContextLost()) return current;
  const canvas =
    typeof OffscreenCanvas !== "undefined"
      ? new OffscreenCanvas(1, 1)
      : typeof document !== "undefined"
        ? document.createElement("canvas")
        : undefined;
  const gl = canvas?.getContext("webgl2", {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    premultipliedAlpha: false,
    powerPreference: "high-performance",
  }) as WebGL2RenderingContext | null | undefined;
  if (!gl) throw new Error("webgl: prepare takes a browser with WebGL 2 but receives one without");
  if (!gl.getExtension("EXT_color_buffer_float"))
    throw new Error(
      "webgl: prepare takes a GPU that renders to float32 textures but receives one that does not",
    );
  gl.disable(gl.DITHER);
  gl.enable(gl.SCISSOR_TEST);
  gl.enable(gl.CULL_FACE);
  setWebGLContext(2, gl);
  env().set("WEBGL_VERSION", 2);
  env().set("WEBGL_FORCE_F16_TEXTURES", false);
  env().set("WEBGL_CPU_FORWARD", false);
  current = new GPGPUContext(gl);
  if (!env().getBool("WEBGL_RENDER_FLOAT32_ENABLED")) {
    current = undefined;
    throw new Error(
      "webgl: prepare takes a GPU that renders to float32 textures but receives one that does not",
    );
  }
  return current;
}
