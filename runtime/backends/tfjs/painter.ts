/** Draws fragment programs of ours into tfjs's textures: several results at once, from operands of any layout. */
import { type MathBackendWebGL, webgl_util } from "@tensorflow/tfjs-backend-webgl";
import type { DataId, TensorInfo } from "@tensorflow/tfjs-core";
import type { Value } from "../../program.js";
import { prelude } from "./glsl.js";
import { edges, type Layout, matrixOf, position, reader, type Source, sourceOf } from "./texture.js";

/** A fragment program, before the layout of its operands is known. */
export interface Sketch {
  /** All of one shape; at most 4. */
  readonly outputs: readonly Value[];
  /** Where the four outputs are the quarters of one value, in reading order: that value, put together from them. */
  readonly whole?: Value;
  /** Whether the outputs are packed. */
  readonly packed: boolean;
  /** The number of operands that are textures. */
  readonly operands: number;
  /** Declared as they are in GLSL, in the order of their values: "float u0", "ivec3 key". */
  readonly uniforms?: readonly string[];
  /**
   * Definitions, the lines of a `main`, and the expression of each result after them. `main` knows where its
   * fragment is: the names that `position` declares.
   */
  readonly write: (
    operands: readonly Layout[],
    output: Layout,
  ) => { readonly define: string; readonly results: readonly string[]; readonly main: string };
}

/** Draws a sketch: operands and uniforms → outputs, to which the caller owns the one reference. */
export type Draw = (xs: readonly TensorInfo[], uniforms?: readonly (readonly number[])[]) => TensorInfo[];

/** Values with proper matrices in their last two axes are packed, as matmul wants them. */
export const packs = (shape: readonly number[]): boolean => matrixOf(shape).every((d) => d > 1);

/**
 * A program for each number of the output by its row-major position: the body of a function `float value(int i)`,
 * where `x0(i)`, `x1(i)`, … are the numbers of the operands.
 */
export function byPosition(
  output: Value,
  operands: number,
  packed: boolean,
  value: string,
  define = "",
): Sketch {
  const width = matrixOf(output.shape)[1];
  const block = `vec4(value(i), value(i + 1), value(i + ${width}), value(i + ${width + 1}))`;
  return {
    outputs: [output],
    packed,
    operands,
    write: (layouts) => ({
      define: [
        prelude.float,
        define,
        ...layouts.map((layout, k) => reader(k, layout)),
        `float value(int i) { ${value} }`,
      ].join("\n"),
      main: "",
      results: [packed ? block : "value(i)"],
    }),
  };
}

interface Compiled {
  readonly program: WebGLProgram;
  readonly uniforms: readonly { readonly at: WebGLUniformLocation | null; readonly integer: boolean }[];
  readonly offsets: readonly (WebGLUniformLocation | null)[];
}

const vertexShader = `#version 300 es
  void main() { gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0, 1); }`;

export class Painter {
  readonly backend: MathBackendWebGL;
  readonly #gl: WebGL2RenderingContext;
  readonly #compiled = new Map<string, Compiled>();
  readonly #vertexArray: WebGLVertexArrayObject;
  /** One for each number of outputs. */
  readonly #framebuffers: WebGLFramebuffer[] = [];
  /** Packed copies made in this run, by what they are copies of. */
  readonly #copies = new Map<DataId, TensorInfo[]>();
  /** The number of textures that one program can read. */
  readonly maxOperands: number;

  constructor(backend: MathBackendWebGL) {
    this.backend = backend;
    this.#gl = backend.gpgpu.gl as WebGL2RenderingContext;
    this.#vertexArray = this.#gl.createVertexArray() as WebGLVertexArrayObject;
    this.maxOperands = this.#gl.getParameter(this.#gl.MAX_TEXTURE_IMAGE_UNITS) as number;
  }

  /** A function that draws the sketch; it compiles it once for each layout of operands that it meets. */
  prepare(sketch: Sketch): Draw {
    const variants = new Map<string, Compiled>();
    return (xs, uniforms = []) => {
      const sources = xs.map((x) => sourceOf(this.backend, x));
      const targets = sketch.outputs.map((value) => this.#target(value, sketch.packed));
      const output = targets[0]?.source as Source;
      const key = sources
        .map(({ packed, shape, width, height, fromStart }) =>
          [packed ? shape : fromStart, width, height].join(),
        )
        .join(";");
      let compiled = variants.get(key);
      if (!compiled) {
        compiled = this.#compile(sketch, sources, output);
        variants.set(key, compiled);
      }
      this.#draw(
        compiled,
        sources,
        targets.map(({ source }) => source),
        uniforms,
      );
      if (sketch.whole) return [this.#join(sketch.whole, targets)];
      return targets.map(({ tensor }) => tensor);
    };
  }

  /** Copies the quarters, which were just drawn and still are the framebuffer's, into one texture; lets them go. */
  #join(
    whole: Value,
    quarters: readonly { readonly tensor: TensorInfo; readonly source: Source }[],
  ): TensorInfo {
    const gl = this.#gl;
    const { tensor, source } = this.#target(whole, true);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, source.texture);
    quarters.forEach(({ tensor: { dataId }, source: { width, height } }, n) => {
      const [x, y] = [(n % 2) * width, Math.floor(n / 2) * height];
      gl.readBuffer(gl.COLOR_ATTACHMENT0 + n);
      gl.copyTexSubImage2D(
        gl.TEXTURE_2D,
        0,
        x,
        y,
        0,
        0,
        Math.min(width, source.width - x),
        Math.min(height, source.height - y),
      );
      this.backend.disposeData(dataId);
    });
    return tensor;
  }

  /** True when x is packed in a texture of so many blocks down and across. */
  isPlain(x: TensorInfo, [down, across]: readonly number[]): boolean {
    const { packed, width, height } = sourceOf(this.backend, x);
    return packed && width === across && height === down;
  }

  /** A copy of x that is packed in its shape, made once a run; x itself where it is so already. */
  packed(x: TensorInfo, copy: (xs: readonly TensorInfo[]) => TensorInfo[]): TensorInfo {
    const { isPacked, shape } = this.backend.texData.get(x.dataId);
    if (isPacked && webgl_util.isReshapeFree(shape, x.shape)) return x;
    const copies = this.#copies.get(x.dataId) ?? [];
    const known = copies.find((made) => String(made.shape) === String(x.shape));
    if (known) return known;
    const [made] = copy([x]) as [TensorInfo];
    this.#copies.set(x.dataId, [...copies, made]);
    return made;
  }

  /** Ends a run: lets its copies go. */
  clear(): void {
    for (const { dataId } of [...this.#copies.values()].flat()) this.backend.disposeData(dataId);
    this.#copies.clear();
  }

  dispose(): void {
    this.clear();
    for (const { program } of this.#compiled.values()) this.#gl.deleteProgram(program);
    for (const framebuffer of this.#framebuffers) this.#gl.deleteFramebuffer(framebuffer ?? null);
    this.#gl.deleteVertexArray(this.#vertexArray);
  }

  #target({ shape, dtype }: Value, packed: boolean): { tensor: TensorInfo; source: Source } {
    const tensor = this.backend.makeTensorInfo([...shape], dtype);
    this.backend.texData.get(tensor.dataId).isPacked = packed;
    return { tensor, source: sourceOf(this.backend, tensor) };
  }

  #compile(sketch: Sketch, operands: readonly Layout[], output: Layout): Compiled {
    const gl = this.#gl;
    const { define, main, results } = sketch.write(operands, output);
    const type = sketch.packed ? "vec4" : "float";
    const source = `#version 300 es
      precision highp float; precision highp int; precision highp sampler2D;
      ${sketch.outputs.map((_, n) => `layout(location = ${n}) out vec4 out${n};`).join("\n")}
      ${(sketch.uniforms ?? []).map((uniform) => `uniform ${uniform};`).join("\n")}
      ${define}
      void main() {
        ${position(output)}
        ${main}
        ${results.map((value, n) => `{ ${type} result = ${value}; ${edges(output)} out${n} = ${sketch.packed ? "result" : "vec4(result, 0, 0, 0)"}; }`).join("\n")}
      }`;
    const known = this.#compiled.get(source);
    if (known) return known;
    const program = gl.createProgram() as WebGLProgram;
    for (const [kind, text] of [
      [gl.VERTEX_SHADER, vertexShader],
      [gl.FRAGMENT_SHADER, source],
    ] as const) {
      const shader = gl.createShader(kind) as WebGLShader;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
      const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader)) ?? [];
      throw new Error(
        `webgl: a fragment program does not compile: ${[gl.getProgramInfoLog(program), ...logs].join(" ")}\n${source}`,
      );
    }
    gl.useProgram(program);
    operands.forEach((_, k) => {
      gl.uniform1i(gl.getUniformLocation(program, `X${k}`), k);
    });
    const compiled: Compiled = {
      program,
      uniforms: (sketch.uniforms ?? []).map((uniform) => ({
        at: gl.getUniformLocation(program, uniform.slice(uniform.indexOf(" ") + 1)),
        integer: uniform.startsWith("i"),
      })),
      offsets: operands.map((_, k) => gl.getUniformLocation(program, `offset${k}`)),
    };
    this.#compiled.set(source, compiled);
    return compiled;
  }

  #draw(
    { program, uniforms, offsets }: Compiled,
    sources: readonly Source[],
    targets: readonly Source[],
    values: readonly (readonly number[])[],
  ): void {
    const gl = this.#gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer(targets.length));
    targets.forEach(({ texture }, n) => {
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + n, gl.TEXTURE_2D, texture, 0);
    });
    const { width, height } = targets[0] as Source;
    gl.viewport(0, 0, width, height);
    gl.scissor(0, 0, width, height);
    gl.useProgram(program);
    gl.bindVertexArray(this.#vertexArray);
    sources.forEach(({ texture, offset }, k) => {
      gl.activeTexture(gl.TEXTURE0 + k);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      if (offsets[k]) gl.uniform1i(offsets[k] as WebGLUniformLocation, offset);
    });
    uniforms.forEach(({ at, integer }, n) => {
      const value = values[n] as number[];
      if (integer) gl.uniform3iv(at, value);
      else gl.uniform1fv(at, value);
    });
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #framebuffer(outputs: number): WebGLFramebuffer {
    const known = this.#framebuffers[outputs];
    if (known) return known;
    const gl = this.#gl;
    const made = gl.createFramebuffer() as WebGLFramebuffer;
    gl.bindFramebuffer(gl.FRAMEBUFFER, made);
    gl.drawBuffers(Array.from({ length: outputs }, (_, n) => gl.COLOR_ATTACHMENT0 + n));
    this.#framebuffers[outputs] = made;
    return made;
  }
}
