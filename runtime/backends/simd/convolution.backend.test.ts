import { test } from "uvu";
import { sizeOf } from "../../../dsl/array.js";
import { integers } from "../../../dsl/random.js";
import { ProgramBuilder } from "../../builder.js";
import type { Conv2dAttrs } from "../../program.js";
import { agree, noise } from "./checks.js";
import { sameInParts } from "./checks-parts.js";

interface Geometry extends Conv2dAttrs {
  readonly b: number;
  readonly size: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly c: number;
  readonly n: number;
}

/** A convolution and its two transposes, whole against the reference and in parts against the whole. */
async function check(
  { b, size, kernel, c, n, ...attrs }: Geometry,
  after: readonly number[],
  tolerance = 4e-6,
): Promise<void> {
  const out = size.map((d, axis) => {
    const reach = ((kernel[axis] as number) - 1) * (attrs.dilations[axis] as number) + 1;
    const room = d + (attrs.before[axis] as number) + (after[axis] as number) - reach;
    return Math.floor(room / (attrs.strides[axis] as number)) + 1;
  }) as [number, number];
  if (Math.min(...out) < 1) return;
  const program = new ProgramBuilder();
  const shapes = {
    x: [b, ...size, c],
    filter: [...kernel, c / attrs.groups, n],
    dy: [b, ...out, n],
  };
  const x = program.input("x", shapes.x);
  const filter = program.input("filter", shapes.filter);
  const dy = program.input("dy", shapes.dy);
  program.outputs.y = program.conv2d(x, filter, attrs, out);
  program.outputs.dx = program.conv2dInput(dy, filter, attrs, size);
  program.outputs.dfilter = program.conv2dFilter(x, dy, attrs, kernel);
  // Sums of about 1, whatever the sizes.
  const scaled = (shape: readonly number[], count: number): Float32Array =>
    noise(shape).map((v) => v / Math.sqrt(count));
  const given = {
    x: noise(shapes.x),
    filter: scaled(shapes.filter, sizeOf(shapes.filter) / n),
    dy: scaled(shapes.dy, sizeOf(shapes.dy) / n),
  };
  const label = JSON.stringify({ b, size, kernel, c, n, ...attrs });
  await agree(program.program(), given, { label, tolerance });
  await sameInParts(program.program(), given, label);
}

const draws = integers(4000, 0, 999, { seed: 5 });
let drawn = 0;
const from = <T>(...items: readonly T[]): T => items[(draws[drawn++] as number) % items.length] as T;

test("convolutions of random geometry and their transposes", async () => {
  for (let round = 0; round < 60; round++) {
    const groups = from(1, 1, 1, 2, 3);
    await check(
      {
        b: from(1, 2, 3),
        size: [from(1, 3, 5, 7, 8), from(1, 2, 4, 6, 9)],
        kernel: [from(1, 2, 3, 5), from(1, 2, 3, 4)],
        c: groups * from(1, 2, 3, 4, 6, 9),
        n: groups * from(1, 2, 5, 8, 11, 16),
        groups,
        strides: [from(1, 1, 2, 3), from(1, 1, 2, 4)],
        dilations: [from(1, 1, 2), from(1, 1, 3)],
        before: [from(0, 1, 2), from(0, 1, 3)],
      },
      [from(0, 1, 2), from(0, 1, 2)],
    );
  }
});

test("convolutions of 3×3 taps side by side, by Winograd's transforms where they pay", async () => {
  for (let round = 0; round < 12; round++) {
    await check(
      {
        b: from(1, 2, 3),
        size: [from(3, 4, 7, 14), from(2, 5, 8, 11)],
        kernel: [3, 3],
        c: from(4, 8, 12, 24),
        n: from(8, 16, 40),
        groups: 1,
        strides: [1, 1],
        dilations: [1, 1],
        before: [from(0, 1, 2), from(0, 1, 2)],
      },
      [from(0, 1, 2), from(0, 1)],
      // The transforms cost half a digit.
      1.2e-5,
    );
  }
});

test("many images, which are the parts of the work", async () => {
  const same = { kernel: [3, 3], groups: 1, strides: [1, 1], dilations: [1, 1], before: [1, 1] } as const;
  await check({ ...same, b: 17, size: [5, 4], c: 12, n: 8 }, [1, 1], 1.2e-5);
  await check({ ...same, b: 17, size: [5, 4], c: 3, n: 5 }, [1, 1]);
});

test("depthwise convolutions of random geometry and their transposes", async () => {
  for (let round = 0; round < 30; round++) {
    const groups = from(2, 3, 4, 7, 8, 17, 32);
    await check(
      {
        b: from(1, 2),
        size: [from(1, 3, 5, 8), from(2, 4, 9)],
        kernel: [from(1, 2, 3), from(1, 3, 5)],
        c: groups,
        n: groups,
        groups,
        strides: [from(1, 2, 3), from(1, 2)],
        dilations: [from(1, 1, 2), from(1, 2)],
        before: [from(0, 1, 2), from(0, 1, 3)],
      },
      [from(0, 1, 2), from(0, 1, 2)],
    );
  }
});

test.run();
