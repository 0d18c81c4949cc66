/** The WebGL 2 context of this page or worker, which all executables there draw with. */

/** The places of a program's sizes and of the numbers that a run gives. */
export interface Places {
  readonly ints: WebGLUniformLocation | null;
  readonly floats: WebGLUniformLocation | null;
  readonly keys: WebGLUniformLocation | null;
}
/** A program that is being compiled; its places are known once somebody has waited for it. */
export interface Program {
  readonly program: WebGLProgram;
  readonly text: string;
  readonly operands: number;
  places?: Places;
}

/** A context with all that was compiled for it, by its text; the vertex array is always the one empty one. */
export interface Canvas {
  readonly gl: WebGL2RenderingContext;
  readonly programs: Map<string, Program>;
}

let current: Canvas | undefined;

/**
 * The context; a new one where it was lost (browsers allow about 16). Errors: no WebGL 2, or no rendering to float32
 * textures.
 */
export function canvas(): Canvas {
  if (current && !current.gl.isContextLost()) return current;
  const element =
    typeof OffscreenCanvas !== "undefined"
      ? new OffscreenCanvas(1, 1)
      : typeof document !== "undefined"
        ? document.createElement("canvas")
        : undefined;
  const gl = element?.getContext("webgl2", {
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
  // With it a driver compiles programs side by side, until somebody asks for one.
  gl.getExtension("KHR_parallel_shader_compile");
  gl.disable(gl.DITHER);
  gl.bindVertexArray(gl.createVertexArray());
  current = { gl, programs: new Map() };
  return current;
}
