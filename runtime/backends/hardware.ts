import type { BackendName } from "./backend.js";

/** The names of renderers that compute on the processor. */
const software = /swiftshader|llvmpipe|software|basic render/i;

/** What a backend has to run on here: hardware, software that imitates it, or nothing. */
export type Hardware = "hardware" | "software" | "none";

/** Looks for what a backend runs on, without loading anything. */
export async function hardwareOf(name: BackendName): Promise<Hardware> {
  if (name === "webgl") return ofWebgl();
  return name === "webgpu" ? ofWebgpu() : "hardware";
}

function ofWebgl(): Hardware {
  if (typeof OffscreenCanvas === "undefined") return "none";
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return "none";
  const debug = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = gl.getParameter(debug ? debug.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return software.test(`${renderer}`) ? "software" : "hardware";
}

async function ofWebgpu(): Promise<Hardware> {
  const adapter = await globalThis.navigator?.gpu?.requestAdapter().catch(() => null);
  if (!adapter) return "none";
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return isFallbackAdapter || software.test([vendor, architecture, device, description].join(" "))
    ? "software"
    : "hardware";
}
