/**
 * Where numbers lie in textures. A texel holds four neighbours along the last axis; each row of it begins with a new
 * texel, and what the last texel of a row has too many is 0. Texels follow one another in row-major order in a texture
 * whose width is a power of two, so that the place of a texel is a shift and a mask. A slice that begins with a
 * texel and leaves none out is a view.
 */
import type { DataId } from "@tensorflow/tfjs-core";
import { type Data, sizeOf } from "../../../dsl/array.js";
import type { Value } from "../../program.js";
import type { Memory } from "../tfjs/executable.js";

/** How a program finds the numbers of a tensor. */
export interface Layout {
  /** The numbers of a row: the last axis of the shape in which it was stored. */
  readonly columns: number;
  /** The first texel. */
  readonly offset: number;
  /** log₂ of the texture's width. */
  readonly shift: number;
  /** The texture's, in texels; a texture has fewer than 2²⁴ of them. */
  readonly height: number;
}
/** The number of texels of a row. */
export const texelsOf = (columns: number): number => Math.ceil(columns / 4);
export const columnsOf = (shape: readonly number[]): number => shape.at(-1) ?? 1;
/** True where rows of `columns` and rows of `other` numbers lie alike in texels. */
export const alike = (columns: number, other: number): boolean =>
  columns === other || (columns % 4 === 0 && other % 4 === 0);
/** Texels of a value in rows of its last axis. */
export const texelCount = (shape: readonly number[]): number =>
  (sizeOf(shape) / columnsOf(shape)) * texelsOf(columnsOf(shape));

/** Width (as a power of two) and height of a nearly square texture. */
export function extentOf(texels: number): { readonly shift: number; readonly height: number } {
  const shift = Math.ceil(Math.log2(Math.max(1, texels)) / 2);
  return { shift, height: Math.max(1, Math.ceil(texels / 2 ** shift)) };
}

/** A texture; it goes back to the pool when no tensor is in it. */
interface Page {
  readonly texture: WebGLTexture;
  readonly framebuffer: WebGLFramebuffer;
  readonly shift: number;
  readonly height: number;
  users: number;
}

/** A tensor. Its texture is found, and filled with what the host gave, when it is first drawn with. */
export interface Placed extends Layout {
  readonly size: number;
  references: number;
  page?: Page;
  given?: Data;
  readonly integer: boolean;
}

export class TextureMemory implements Memory {
  readonly #gl: WebGL2RenderingContext;
  readonly #pool = new Map<number, Page[]>();
  readonly #pages = new Set<Page>();
  #alive = 0;
  /** While a program is only rehearsed, no tensor gets a texture, and nothing is drawn. */
  rehearsing = false;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
  }

  write(values: Data, shape: readonly number[], dtype: Value["dtype"]): DataId {
    return Object.assign(this.make({ shape, dtype }), { given: values });
  }
  incRef(id: DataId): void {
    (id as Placed).references++;
  }
  disposeData(id: DataId): void {
    const placed = id as Placed;
    if (--placed.references > 0) return;
    this.#alive--;
    if (placed.page) this.#release(placed.page);
    delete placed.page;
    delete placed.given;
  }
  numDataIds(): number {
    return this.#alive;
  }

  /** A tensor without numbers. */
  make({ shape, dtype }: Value): Placed {
    return this.#place(columnsOf(shape), sizeOf(shape), dtype === "int32", extentOf(texelCount(shape)));
  }
  /** A tensor of whole texels that fill a texture. */
  raw(shift: number, height: number): Placed {
    const size = 4 * height * 2 ** shift;
    return this.#place(size, size, false, { shift, height });
  }
  /** The part of x that begins with this texel, as rows of so many numbers. */
  view(x: Placed, texel: number, columns: number, size: number): Placed {
    const part = Object.assign(this.#place(columns, size, x.integer, x), { offset: x.offset + texel });
    if (this.rehearsing) return part;
    part.page = this.page(x);
    part.page.users++;
    return part;
  }

  /** The texture of a tensor. */
  page(placed: Placed): Page {
    if (placed.page) return placed.page;
    const page = this.#acquire(placed.shift, placed.height);
    placed.page = page;
    if (placed.given) {
      const gl = this.#gl;
      gl.bindTexture(gl.TEXTURE_2D, page.texture);
      const [width, height] = [2 ** page.shift, page.height];
      const texels = inTexels(placed.given, placed.columns, 4 * width * height);
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RGBA, gl.FLOAT, texels);
      delete placed.given;
    }
    return page;
  }

  /** The numbers of a tensor: waits for the GPU in a worker, and asks it again and again in a page. */
  async read(placed: Placed): Promise<Data> {
    if (placed.given) return placed.given;
    const gl = this.#gl;
    const { framebuffer, shift } = this.page(placed);
    const texels = (placed.size / placed.columns) * texelsOf(placed.columns);
    const top = placed.offset >> shift;
    const skipped = 4 * (placed.offset - (top << shift));
    const height = Math.ceil((placed.offset + texels) / 2 ** shift) - top;
    const size = 4 * height * 2 ** shift;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    const got = new Float32Array(size);
    if (mayWait) gl.readPixels(0, top, 2 ** shift, height, gl.RGBA, gl.FLOAT, got);
    else {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      gl.bufferData(gl.PIXEL_PACK_BUFFER, got.byteLength, gl.STREAM_READ);
      gl.readPixels(0, top, 2 ** shift, height, gl.RGBA, gl.FLOAT, 0);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      await finished(gl);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, buffer);
      gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, got);
      gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
      gl.deleteBuffer(buffer);
    }
    return outOfTexels(got.subarray(skipped), placed);
  }

  dispose(): void {
    for (const { texture, framebuffer } of this.#pages) {
      this.#gl.deleteTexture(texture);
      this.#gl.deleteFramebuffer(framebuffer);
    }
    this.#pages.clear();
    this.#pool.clear();
  }

  #place(
    columns: number,
    size: number,
    integer: boolean,
    { shift, height }: { readonly shift: number; readonly height: number },
  ): Placed {
    this.#alive++;
    return { columns, offset: 0, shift, height, size, references: 1, integer };
  }

  #acquire(shift: number, height: number): Page {
    const known = this.#pool.get(height * 32 + shift)?.pop();
    if (known) {
      known.users = 1;
      return known;
    }
    const gl = this.#gl;
    const texture = gl.createTexture() as WebGLTexture;
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.RGBA32F, 2 ** shift, height);
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    for (const name of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T])
      gl.texParameteri(gl.TEXTURE_2D, name, gl.CLAMP_TO_EDGE);
    const framebuffer = gl.createFramebuffer() as WebGLFramebuffer;
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    const page = { texture, framebuffer, shift, height, users: 1 };
    this.#pages.add(page);
    return page;
  }

  #release(page: Page): void {
    if (--page.users > 0) return;
    const key = page.height * 32 + page.shift;
    const free = this.#pool.get(key);
    if (free) free.push(page);
    else this.#pool.set(key, [page]);
  }
}

const mayWait = typeof document === "undefined";

/** Resolves when all that is queued has been done. */
async function finished(gl: WebGL2RenderingContext): Promise<void> {
  const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0) as WebGLSync;
  gl.flush();
  while (gl.clientWaitSync(fence, 0, 0) === gl.TIMEOUT_EXPIRED)
    await new Promise((done) => setTimeout(done, 1));
  gl.deleteSync(fence);
}

/** Rows of numbers as texels, with zeros after each row and up to `length`. */
function inTexels(data: Data, columns: number, length: number): Float32Array {
  const texels = new Float32Array(length);
  const width = 4 * texelsOf(columns);
  if (width === columns) texels.set(data);
  else
    for (let i = 0, to = 0; i < data.length; i += columns, to += width)
      for (let c = 0; c < columns; c++) texels[to + c] = data[i + c] as number;
  return texels;
}

function outOfTexels(texels: Float32Array, { columns, size, integer }: Placed): Data {
  const data = integer ? new Int32Array(size) : new Float32Array(size);
  const width = 4 * texelsOf(columns);
  if (width === columns) data.set(texels.subarray(0, size));
  else
    for (let i = 0, from = 0; i < size; i += columns, from += width)
      for (let c = 0; c < columns; c++) data[i + c] = texels[from + c] as number;
  return data;
}
