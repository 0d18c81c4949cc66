import { hint } from "../../dsl/message.js";
import type { Backend, BackendName } from "./backend.js";
import { simd } from "./simd/index.js";

/** How each backend is found: `simd` is there; those on a GPU or on tfjs are loaded when they are asked for. */
const loaders: { readonly [B in BackendName]: () => Promise<Backend> } = {
  simd: async () => simd,
  cpu: async () => (await import("./tfjs/cpu.js")).cpu,
  webgl: async () => (await import("./webgl/index.js")).webgl,
  webgpu: async () => (await import("./webgpu/index.js")).webgpu,
};

export const backendNames = Object.keys(loaders) as readonly BackendName[];

const loaded = new Map<BackendName, Promise<Backend>>();

/** The backend of that name. Error: an unknown name, which offers the nearest. */
export function loadBackend(name: BackendName): Promise<Backend> {
  if (!Object.hasOwn(loaders, name))
    return Promise.reject(
      new Error(`backend: there is no "${name}"${hint(name, backendNames)} (${backendNames.join(", ")})`),
    );
  const known = loaded.get(name) ?? loaders[name]();
  loaded.set(name, known);
  return known;
}
