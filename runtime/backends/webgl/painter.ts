/** Draws fragment programs into textures: several results at once, from operands that lie anyhow. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { Value } from "../../program.js";
import type { Canvas, Places, Program } from "./context.js";
import {
  alike,
  columnsOf,
  extentOf,
  type Layout,
  type Placed,
  type TextureMemory,
  texelCount,
  texelsOf,
} from "./memory.js";
import { Shader } from "./shader.js";

/** A fragment program, before the layout of its operands is known. */
export interface Sketch {
  /** All of one shape. */
  readonly outputs: readonly Value[];
  /** Where the one output is drawn as several results: so many bands of it, of so many rows of its texture. */
  readonly bands?: Bands;
  /** The number of floats (`u[…]`) and of integers (`key[…]`) that every run gives. */
  readonly floats?: number;
  readonly keys?: number;
  /**
   * Writes the program: the lines of a `main`, and the expression (a vec4) of each result after them. `main` knows
   * `ivec2 p`, its pixel, and `int t`, its texel of the output. Operand k is `X<k>(texel)`.
   */
  readonly write: (
    shader: Shader,
    operands: readonly Layout[],
  ) => { readonly main: string; readonly results: readonly string[] };
}

/** Result n is the texels from n·step on, `count` results of `height` rows of a texture. */
export interface Bands {
  readonly count: number;
  readonly height: number;
  readonly step: number;
}

/** Draws a sketch: operands and numbers → outputs, to which the caller owns the one reference. */
export type Draw = (xs: readonly Placed[], floats?: readonly number[], keys?: readonly number[]) => Placed[];

interface Variant {
  readonly operands: readonly Layout[];
  readonly compiled: Program;
  readonly ints: Int32Array;
}

const vertexShader = `#version 300 es
  void main() { gl_Position = vec4(gl_VertexID == 1 ? 3. : -1., gl_VertexID == 2 ? 3. : -1., 0, 1); }`;

export class Painter {
  readonly memory: TextureMemory;
  readonly #gl: WebGL2RenderingContext;
  readonly #programs: Map<string, Program>;
  /** One for each number of results, where there are several. */
  readonly #framebuffers: WebGLFramebuffer[] = [];
  /** Copies made in this run in rows of another length, by what they are copies of. */
  readonly #copies = new Map<Placed, Placed[]>();
  /** The number of textures that one program can read, and of those that it can write. */
  readonly maxOperands: number;
  readonly maxResults: number;

  constructor({ gl, programs }: Canvas, memory: TextureMemory) {
    this.memory = memory;
    this.#gl = gl;
    this.#programs = programs;
    this.maxOperands = gl.getParameter(gl.MAX_TEXTURE_IMAGE_UNITS) as number;
    this.maxResults = Math.min(8, gl.getParameter(gl.MAX_DRAW_BUFFERS) as number);
  }

  /** A function that draws the sketch; it writes the program once for each layout of operands that it meets. */
  prepare(sketch: Sketch): Draw {
    const variants: Variant[] = [];
    const { bands } = sketch;
    return (xs, floats = [], keys = []) => {
      let variant = variants.find(({ operands }) => operands.every((o, k) => sameLayout(o, xs[k] as Placed)));
      if (!variant) {
        variant = this.#variant(sketch, xs);
        variants.push(variant);
      }
      const outputs = sketch.outputs.map((value) => this.memory.make(value));
      const [first] = outputs as [Placed];
      if (!bands) {
        this.#draw(variant, xs, outputs, floats, keys);
        return outputs;
      }
      if (!this.memory.rehearsing) this.memory.page(first);
      const parts = Array.from({ length: bands.count }, () => this.memory.raw(first.shift, bands.height));
      this.#draw(variant, xs, parts, floats, keys);
      this.#join(first, parts);
      return outputs;
    };
  }

  /** How many results of about this many texels each the output is drawn as, undefined where they would be too small. */
  bands(shape: readonly number[], most = this.maxResults): Bands | undefined {
    const texels = texelCount(shape);
    const width = texelsOf(columnsOf(shape));
    const { shift, height } = extentOf(texels);
    // Every result begins with the same texel of a row, so that what depends on the columns alone is read once.
    const unit = width / gcd(width, 2 ** shift);
    for (let count = most; count > 1; count /= 2) {
      const band = Math.ceil(height / count / unit) * unit;
      if (band * 2 ** shift >= fewestFragments && band * count <= 1.25 * height + 1)
        return { count, height: band, step: band * 2 ** shift };
    }
    return undefined;
  }

  /** x in rows that lie as those of `shape` do: x itself, or a copy made once a run. */
  aligned(shape: readonly number[]): (x: Placed) => Placed {
    const columns = columnsOf(shape);
    let copy: Draw | undefined;
    return (x) => {
      if (alike(x.columns, columns)) return x;
      const copies = this.#copies.get(x) ?? [];
      const known = copies.find((made) => alike(made.columns, columns));
      if (known) return known;
      copy ??= this.prepare(copying(shape));
      const [made] = copy([x]) as [Placed];
      this.#copies.set(x, [...copies, made]);
      return made;
    };
  }

  /** Ends a run: lets its copies go. */
  clear(): void {
    for (const made of [...this.#copies.values()].flat()) this.memory.disposeData(made);
    this.#copies.clear();
  }

  dispose(): void {
    this.clear();
    for (const framebuffer of this.#framebuffers) this.#gl.deleteFramebuffer(framebuffer ?? null);
  }

  #variant(sketch: Sketch, xs: readonly Placed[]): Variant {
    const shader = new Shader();
    const operands = xs.map(({ columns, offset, shift, height }) => ({ columns, offset, shift, height }));
    const [{ shape } = { shape: [] }] = sketch.outputs;
    const { shift } = extentOf(texelCount(shape));
    const here = `ivec2 p = ivec2(gl_FragCoord.xy); int t = p.y * ${shader.int(2 ** shift)} + p.x;`;
    const { main, results } = sketch.write(shader, operands);
    const columns = columnsOf(shape);
    const width = texelsOf(columns);
    let fitted = results;
    if (columns % 4) {
      const lane = width === 1 ? "" : ` + 4 * (t - div(t, ${shader.int(width)}) * ${shader.int(width)})`;
      shader.define(`vec4 fit(vec4 v, int t) {
        return mix(vec4(0), v, lessThan(ivec4(0, 1, 2, 3)${lane}, ivec4(${shader.int(columns)})));
      }`);
      fitted = results.map((result) => `fit(${result}, t)`);
    }
    const text = shader.text(`${here}\n${main}`, fitted, sketch.floats ?? 0, sketch.keys ?? 0);
    const ints = new Int32Array(Math.ceil(shader.ints.length / 4) * 4);
    ints.set(shader.ints);
    return { operands, compiled: this.#compile(text, shader.operands), ints };
  }

  /** The program of this text; it may not be compiled yet. */
  #compile(text: string, operands: number): Program {
    const known = this.#programs.get(text);
    if (known) return known;
    const compiled: Program = { program: this.#link(text), text, operands };
    this.#programs.set(text, compiled);
    return compiled;
  }

  #link(text: string): WebGLProgram {
    const gl = this.#gl;
    const program = gl.createProgram() as WebGLProgram;
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, vertexShader],
      [gl.FRAGMENT_SHADER, text],
    ] as const) {
      const shader = gl.createShader(kind) as WebGLShader;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
      gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    return program;
  }

  /** Waits until the program is compiled, and makes its samplers those of its operands. */
  #places({ program, text, operands }: Program): Places {
    const gl = this.#gl;
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      const logs = gl.getAttachedShaders(program)?.map((shader) => gl.getShaderInfoLog(shader)) ?? [];
      throw new Error(
        `webgl: a fragment program does not compile: ${[gl.getProgramInfoLog(program), ...logs].join(" ")}\n${text}`,
      );
    }
    gl.useProgram(program);
    for (let k = 0; k < operands; k++) gl.uniform1i(gl.getUniformLocation(program, `S${k}`), k);
    return {
      ints: gl.getUniformLocation(program, "n"),
      floats: gl.getUniformLocation(program, "u"),
      keys: gl.getUniformLocation(program, "key"),
    };
  }

  #draw(
    { compiled, ints }: Variant,
    xs: readonly Placed[],
    outputs: readonly Placed[],
    floats: readonly number[],
    keys: readonly number[],
  ): void {
    if (this.memory.rehearsing) return;
    compiled.places ??= this.#places(compiled);
    const { places } = compiled;
    const gl = this.#gl;
    const pages = xs.map((x) => this.memory.page(x));
    const targets = outputs.map((output) => this.memory.page(output));
    const [first] = targets as [(typeof targets)[number]];
    if (targets.length === 1) gl.bindFramebuffer(gl.FRAMEBUFFER, first.framebuffer);
    else {
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.#framebuffer(targets.length));
      targets.forEach(({ texture }, n) => {
        gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0 + n, gl.TEXTURE_2D, texture, 0);
      });
    }
    gl.viewport(0, 0, 2 ** first.shift, first.height);
    gl.useProgram(compiled.program);
    pages.forEach(({ texture }, k) => {
      gl.activeTexture(gl.TEXTURE0 + k);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    if (ints.length) gl.uniform4iv(places.ints, ints);
    if (floats.length) gl.uniform1fv(places.floats, floats);
    if (keys.length) gl.uniform1iv(places.keys, keys);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  /** Copies the parts, which were just drawn and still are the framebuffer's, into one texture; lets them go. */
  #join(whole: Placed, parts: readonly Placed[]): void {
    if (this.memory.rehearsing) {
      for (const part of parts) this.memory.disposeData(part);
      return;
    }
    const gl = this.#gl;
    const { texture } = this.memory.page(whole);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    parts.forEach((part, n) => {
      const y = n * part.height;
      const height = Math.min(part.height, whole.height - y);
      if (height > 0) {
        gl.readBuffer(gl.COLOR_ATTACHMENT0 + n);
        gl.copyTexSubImage2D(gl.TEXTURE_2D, 0, 0, y, 0, 0, 2 ** whole.shift, height);
      }
      this.memory.disposeData(part);
    });
  }

  #framebuffer(outputs: number): WebGLFramebuffer {
    const gl = this.#gl;
    const known = this.#framebuffers[outputs];
    if (known) return known;
    const made = gl.createFramebuffer() as WebGLFramebuffer;
    gl.bindFramebuffer(gl.FRAMEBUFFER, made);
    gl.drawBuffers(Array.from({ length: outputs }, (_, n) => gl.COLOR_ATTACHMENT0 + n));
    this.#framebuffers[outputs] = made;
    return made;
  }
}

/** Below so many fragments a GPU would have too little to do at a time. */
const fewestFragments = 64;

/** Four numbers of rows of any other length a texel. */
function copying(shape: readonly number[]): Sketch {
  const columns = columnsOf(shape);
  const width = texelsOf(columns);
  return {
    outputs: [{ dtype: "float32", shape }],
    write: (shader, [layout]) => {
      shader.texels(0, layout as Layout);
      shader.numbers(0, layout as Layout);
      const [row, length] = [shader.int(width), shader.int(columns)];
      return {
        main: `int r = div(t, ${row}), i = r * ${length} + 4 * (t - r * ${row});`,
        results: ["vec4(x0(i), x0(i + 1), x0(i + 2), x0(i + 3))"],
      };
    },
  };
}

const sameLayout = (a: Layout, b: Layout): boolean =>
  a.columns === b.columns && a.offset === b.offset && a.shift === b.shift && a.height === b.height;
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The tensor that a kernel is given, and that it gives; the executable knows shape and dtype. */
export const placed = (x: TensorInfo | undefined): Placed => (x as TensorInfo).dataId as Placed;
export const tensorOf = (x: Placed): TensorInfo => ({ dataId: x, shape: [], dtype: "float32" });
