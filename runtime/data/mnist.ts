/** MNIST and what is stored in its formats. Nothing is fetched unless its source is given. */
import { type NDArray, sizeOf } from "../../dsl/array.js";
import { type ByteSource, nameOf, type ReadOptions, readBytes } from "./source.js";

/** Images [n, rows, columns, 1] from −1 (paper) to 1 (ink), and labels [n]. */
export interface LabelledImages {
  readonly images: NDArray;
  readonly labels: NDArray;
}

/**
 * Labelled images from two IDX files (LeCun, Cortes, Burges: magic number, big-endian sizes, bytes), gzipped or not.
 * Errors: a source that is no IDX file of bytes, one that is too short or too long, and files of unequal counts.
 */
export async function mnist(
  sources: { readonly images: ByteSource; readonly labels: ByteSource },
  options: ReadOptions = {},
): Promise<LabelledImages> {
  const [pixels, classes] = await Promise.all([
    readBytes(sources.images, options).then((bytes) => idx(bytes, 3, nameOf(sources.images))),
    readBytes(sources.labels, options).then((bytes) => idx(bytes, 1, nameOf(sources.labels))),
  ]);
  if (pixels.shape[0] !== classes.shape[0])
    throw new Error(
      `${nameOf(sources.labels)}: takes ${pixels.shape[0]} labels, one for each image, but receives ${classes.shape[0]}`,
    );
  return {
    images: { shape: [...pixels.shape, 1], dtype: "float32", data: inked(pixels.bytes) },
    labels: { shape: classes.shape, dtype: "int32", data: Int32Array.from(classes.bytes) },
  };
}

/**
 * The images alone [n, rows, columns, 1], from an IDX file; with `count` the first so many. Errors: a source that is no
 * IDX file of images, or is too short or too long.
 */
export async function idxImages(
  source: ByteSource,
  { count, ...options }: ReadOptions & { readonly count?: number } = {},
): Promise<NDArray> {
  const { shape, bytes } = idx(await readBytes(source, options), 3, nameOf(source));
  const [all = 0, rows = 0, columns = 0] = shape;
  const n = Math.min(all, count ?? all);
  const data = inked(bytes.subarray(0, n * rows * columns));
  return { shape: [n, rows, columns, 1], dtype: "float32", data };
}

/** Bytes 0 … 255 as numbers −1 … 1. */
export function inked(bytes: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const data = new Float32Array(bytes.length);
  for (let i = 0; i < data.length; i++) data[i] = (bytes[i] as number) / 127.5 - 1;
  return data;
}

/** The bytes of an IDX file of unsigned bytes in so many dimensions, and its sizes. */
function idx(
  file: Uint8Array,
  rank: number,
  name: string,
): { readonly shape: readonly number[]; readonly bytes: Uint8Array } {
  const header = 4 + 4 * rank;
  const words = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const magic = file.length < 4 ? undefined : words.getUint32(0);
  const wanted = 0x800 + rank;
  if (magic !== wanted)
    throw new Error(
      `${name}: takes an IDX file that begins with ${wanted} but receives one that begins with ${magic ?? "nothing"}`,
    );
  if (file.length < header)
    throw new Error(`${name}: takes a header of ${header} bytes but receives ${file.length}`);
  const shape = Array.from({ length: rank }, (_, i) => words.getUint32(4 + 4 * i));
  const bytes = file.subarray(header);
  if (bytes.length !== sizeOf(shape))
    throw new Error(
      `${name}: takes ${sizeOf(shape)} bytes for [${shape.join(", ")}] but receives ${bytes.length}`,
    );
  return { shape, bytes };
}
