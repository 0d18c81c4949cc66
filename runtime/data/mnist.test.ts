import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../../test/skip.js";
import { idxImages, mnist } from "./index.js";

/** An IDX file of bytes. */
const idx = (shape: readonly number[], bytes: readonly number[]): Uint8Array<ArrayBuffer> => {
  const file = new Uint8Array(4 + 4 * shape.length + bytes.length);
  const words = new DataView(file.buffer);
  [0x800 + shape.length, ...shape].forEach((word, i) => {
    words.setUint32(4 * i, word);
  });
  file.set(bytes, 4 + 4 * shape.length);
  return file;
};
const images = idx([2, 2, 3], [0, 51, 102, 153, 204, 255, 255, 0, 0, 0, 0, 0]);
const labels = idx([2], [7, 3]);
const gz = (file: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(file));

test("IDX files give images from −1 to 1 and their labels, gzipped or not", async () => {
  for (const pack of [(file: Uint8Array<ArrayBuffer>) => file, gz]) {
    const got = await mnist({ images: pack(images), labels: new Blob([pack(labels)]) });
    assert.equal(got.images.shape, [2, 2, 3, 1]);
    assert.equal(
      [...got.images.data].map((x) => Math.round(x * 1000) / 1000),
      [-1, -0.6, -0.2, 0.2, 0.6, 1, 1, -1, -1, -1, -1, -1],
    );
    assert.equal(got.labels, { shape: [2], dtype: "int32", data: Int32Array.of(7, 3) });
  }
});

test("the images alone, all or the first so many, without their labels", async () => {
  const { images: all } = await mnist({ images, labels });
  assert.equal(await idxImages(gz(images)), all);
  const first = await idxImages(images, { count: 1 });
  assert.equal(first, { ...all, shape: [1, 2, 3, 1], data: all.data.slice(0, 6) });
  assert.equal((await idxImages(images, { count: 5 })).shape, [2, 2, 3, 1]);
  const error = await idxImages(labels).catch((e: unknown) => e);
  assert.match((error as Error).message, /begins with 2051 but receives one that begins with 2049/);
});

test("a path is read in Node, and progress is told of a file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "idx-"));
  try {
    writeFileSync(join(folder, "images.gz"), gz(images));
    writeFileSync(join(folder, "labels"), labels);
    const got = await mnist({ images: join(folder, "images.gz"), labels: join(folder, "labels") });
    assert.is(got.labels.data[0], 7);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const seen: number[] = [];
  await mnist(
    { images: new Blob([images]), labels },
    { onProgress: (loaded, total) => seen.push(loaded / total) },
  );
  assert.is(seen.at(-1), 1);
});

const refuses = async (
  sources: Partial<{ images: Uint8Array<ArrayBuffer>; labels: Uint8Array<ArrayBuffer> }>,
  words: RegExp,
): Promise<void> => {
  const error = await mnist({ images, labels, ...sources }).catch((e: unknown) => e);
  assert.match((error as Error).message, words);
};

test("what is no whole IDX file of the right kind is refused with what was expected and what came", async () => {
  await refuses({ images: labels }, /begins with 2051 but receives one that begins with 2049/);
  await refuses({ labels: new Uint8Array(2) }, /begins with 2049 but receives one that begins with nothing/);
  await refuses({ images: images.slice(0, 10) }, /header of 16 bytes but receives 10/);
  await refuses({ images: images.slice(0, -1) }, /takes 12 bytes for \[2, 2, 3\] but receives 11/);
  await refuses({ labels: idx([3], [1, 2, 3]) }, /takes 2 labels, one for each image, but receives 3/);
  await refuses({ images: gz(images).slice(0, 20) }, /breaks off/);
});

test("an aborted reading ends", async () => {
  const error = await mnist({ images: new Blob([images]), labels }, { signal: AbortSignal.abort() }).catch(
    (e: unknown) => e,
  );
  assert.is((error as Error).name, "AbortError");
});

const real = join("..", "shared", "data", "mnist");
const realName = "the real digits are 10,000 images of ten classes, of which an eighth is ink";
if (!existsSync(real)) skip(test, realName, "no folder of real digits lies beside the project");
else
  test(realName, async () => {
    const got = await mnist({
      images: join(real, "t10k-images-idx3-ubyte.gz"),
      labels: join(real, "t10k-labels-idx1-ubyte.gz"),
    });
    assert.equal(got.images.shape, [10_000, 28, 28, 1]);
    assert.equal([...new Set(got.labels.data)].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let ink = 0;
    for (const x of got.images.data) ink += (x + 1) / 2;
    assert.ok(Math.abs(ink / got.images.data.length - 1 / 8) < 0.02, `${ink / got.images.data.length}`);
  });

test.run();
