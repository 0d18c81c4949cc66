/** The GPU through WebGL 2: fragment programs of ours for all of its operations. */
import type { Data } from "../../../dsl/array.js";
import type { Backend } from "../backend.js";
import { type Device, TfjsExecutable } from "../tfjs/executable.js";
import { canvas } from "./context.js";
import { conv2d } from "./conv2d.js";
import { elementwise } from "./elementwise.js";
import { matmul } from "./matmul.js";
import { type Placed, TextureMemory } from "./memory.js";
import { movements } from "./movements.js";
import { Painter } from "./painter.js";
import { reduce } from "./reduce.js";

/**
 * Runs in a page and in a worker, on one WebGL 2 context for all executables there. `prepare` throws where WebGL 2 or
 * float32 textures are missing; a lost context makes later calls throw, and the next `prepare` begins with a new one.
 */
export const webgl: Backend = {
  name: "webgl",
  composites: new Set(),
  epilogues: true,
  prepare: async (program, options) => new TfjsExecutable(program, device, options),
};

function device(): Device<TextureMemory> {
  const context = canvas();
  const memory = new TextureMemory(context.gl);
  const painter = new Painter(context, memory);
  return {
    name: "webgl",
    backend: memory,
    kernels: {
      ...elementwise(painter),
      ...reduce(painter),
      ...matmul(painter),
      ...conv2d(painter),
      ...movements(painter),
    },
    check: () => {
      if (context.gl.isContextLost())
        throw new Error("webgl: the browser has taken the WebGL context away; prepare the program again");
    },
    read: (dataId) => memory.read(dataId as Placed) as Promise<Data>,
    ran: () => painter.clear(),
    rehearse: (run) => {
      memory.rehearsing = true;
      try {
        run();
      } finally {
        memory.rehearsing = false;
      }
    },
    finish: () => context.gl.readPixels(0, 0, 1, 1, context.gl.RGBA, context.gl.FLOAT, new Float32Array(4)),
    dispose: () => {
      painter.dispose();
      memory.dispose();
    },
  };
}
