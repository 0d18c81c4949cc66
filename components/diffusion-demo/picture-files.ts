/** Pictures that the reader brings: MNIST's files, or pictures of any format that the browser reads. */
import type { NDArray } from "../../dsl/array.js";
import { idxImages, images } from "../../runtime/data/index.js";
import { nameOf, readBytes } from "../../runtime/data/source.js";

/** The most images of an IDX file that are taken. */
const most = 10_000;

/** IDX files of bytes begin with 0, 0, 8 and the number of dimensions. */
const isIdx = (bytes: Uint8Array): boolean => bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8;

/**
 * The images of the files, −1 to 1: of an IDX file of images, gzipped or not, where there is one (a file of labels beside
 * it is not needed); else each file is a picture, in colour, cropped to a square of 28 pixels. Errors: none given, and
 * a file that is neither.
 */
export async function readPictures(sources: readonly (File | URL)[]): Promise<NDArray> {
  const files: { readonly file: File; readonly dims: number | null }[] = [];
  for (const source of sources) {
    const bytes = await readBytes(source);
    files.push({ file: new File([bytes], nameOf(source)), dims: isIdx(bytes) ? (bytes[3] as number) : null });
  }
  const idx = files.filter(({ dims }) => dims !== null);
  const chosen = idx.find(({ dims }) => dims === 3) ?? idx[0];
  return chosen
    ? idxImages(chosen.file, { count: most })
    : images(
        files.map(({ file }) => file),
        { channels: 3 },
      );
}
