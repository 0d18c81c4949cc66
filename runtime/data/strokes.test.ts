import { test } from "uvu";
import * as assert from "uvu/assert";
import { draw, strokes } from "./index.js";

const imagesOf = (options: Parameters<typeof strokes>[0]): Float32Array =>
  draw(strokes(options).images).data as Float32Array;
const labelsOf = (options: Parameters<typeof strokes>[0]): Int32Array =>
  draw(strokes(options).labels).data as Int32Array;

test("a description gives its images, from −1 to 1, and no other seed gives them", () => {
  const few = { n: 40, seed: 3 };
  assert.equal(draw(strokes(few).images).shape, [40, 28, 28, 1]);
  assert.equal(imagesOf(few), imagesOf(few));
  assert.not.equal(imagesOf(few), imagesOf({ ...few, seed: 4 }));
  assert.equal(imagesOf(few).subarray(0, 784), imagesOf({ ...few, n: 1 }));
  assert.ok(imagesOf(few).every((x) => x >= -1 && x <= 1));
});

test("the ten classes are equally likely", () => {
  const counts = new Array<number>(10).fill(0);
  const n = 20_000;
  for (const label of labelsOf({ n, seed: 1 })) counts[label] = (counts[label] ?? 0) + 1;
  // five standard deviations of a binomial count
  for (const count of counts) assert.ok(Math.abs(count - n / 10) < 5 * Math.sqrt(n * 0.09), counts.join());
});

test("every digit has ink in its middle and none at its rim", () => {
  const data = imagesOf({ n: 500, seed: 2 });
  for (let i = 0; i < 500; i++) {
    const image = data.subarray(784 * i, 784 * (i + 1));
    const cover = image.reduce((sum, x) => sum + (x + 1) / 2, 0) / 784;
    assert.ok(cover > 0.02 && cover < 0.4, `image ${i} is inked to ${cover}`);
    const rim = image.filter((_, at) => at < 28 || at >= 756 || at % 28 === 0 || at % 28 === 27);
    assert.ok(
      rim.every((x) => x === -1),
      `image ${i} is cut off`,
    );
  }
});

test("an image of half the size is the same digit: near the average of two by two pixels", () => {
  const [large, small] = [imagesOf({ n: 50, size: 56, seed: 5 }), imagesOf({ n: 50, size: 28, seed: 5 })];
  let error = 0;
  small.forEach((x, at) => {
    const [i, row, column] = [Math.floor(at / 784), Math.floor(at / 28) % 28, at % 28];
    const first = 3136 * i + 112 * row + 2 * column;
    const four =
      [first, first + 1, first + 56, first + 57].reduce((sum, k) => sum + (large[k] as number), 0) / 4;
    error += Math.abs(x - four);
  });
  assert.ok(error / small.length < 0.03, `${error / small.length}`);
});

test("the classes are learnt from examples, but not from a handful", () => {
  const [known, asked] = [2000, 300];
  const n = known + asked;
  const [images, labels] = [imagesOf({ n, seed: 6 }), labelsOf({ n, seed: 6 })];
  const distance = (a: number, b: number): number => {
    let sum = 0;
    for (let k = 0; k < 784; k++)
      sum += ((images[784 * a + k] as number) - (images[784 * b + k] as number)) ** 2;
    return sum;
  };
  const right = (count: number): number => {
    let hits = 0;
    for (let q = known; q < n; q++) {
      let [best, least] = [0, Number.POSITIVE_INFINITY];
      for (let k = 0; k < count; k++) {
        const d = distance(q, k);
        if (d < least) [best, least] = [k, d];
      }
      hits += Number(labels[best] === labels[q]);
    }
    return hits / asked;
  };
  const [few, many] = [right(50), right(known)];
  assert.ok(few < 0.85 && many > 0.9 && many > few, `${few} of 50 examples, ${many} of ${known}`);
});

test("a size or a count that cannot be is named", () => {
  assert.throws(() => strokes({ size: 2 }), /strokes: size is 2/);
  assert.throws(() => strokes({ n: 0 }), /strokes: n is 0/);
});

test.run();
