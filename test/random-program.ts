/** Random small programs, for laws that hold for all of them. */
import type { ScalarOp } from "../dsl/net.js";
import { uniforms } from "../dsl/random.js";
import { constant, ProgramBuilder } from "../runtime/builder.js";
import type { Program, ValueId } from "../runtime/program.js";

/** A fair die: `die(n)` is one of 0 … n − 1. */
export function dice(seed: number): (n: number) => number {
  let at = 0;
  return (n) => Math.floor((uniforms(1, { seed, first: at++ })[0] as number) * n);
}

/** Numbers that no two operations meet on a kink. */
export const numbers = (count: number, seed: number): Float32Array =>
  uniforms(count, { seed }).map((u) => Math.fround(2 * u - 1));

const scalarFunctions: readonly ScalarOp[] = [
  "add",
  "sub",
  "mul",
  "max",
  "min",
  "tanh",
  "sigmoid",
  "neg",
  "relu",
  "abs",
  "select",
  "square",
  "lt",
];

/**
 * A program of `length` operations over matrices of 1, 3 or 4 rows and columns, with an input `x` [3, 4], states `s`
 * [4, 4] and `r` [2] whose updates depend on them, a constant, and a few outputs.
 */
export function randomProgram(seed: number, length = 14): Program {
  const roll = dice(seed);
  const b = new ProgramBuilder();
  const pick = <T>(from: readonly T[]): T => from[roll(from.length)] as T;
  const pool: ValueId[] = [
    b.input("x", [3, 4]),
    b.stateful("s", [4, 4]),
    b.constant(numbers(4, seed), [1, 4]),
    b.input("y", [3, 1]),
  ];
  const size = (id: ValueId, axis: number): number => b.shape(id)[axis] as number;
  const attempts: readonly (() => ValueId | undefined)[] = [
    () => {
      const op = pick(scalarFunctions);
      const unary = ["tanh", "sigmoid", "neg", "relu", "abs", "square"].includes(op);
      const count = unary ? 1 : op === "select" ? 3 : 2;
      const operands = Array.from({ length: count }, () => (roll(5) === 0 ? constant(0.5) : pick(pool)));
      const shapes = operands.flatMap((o) => (typeof o === "number" ? [b.shape(o)] : []));
      const fits = [0, 1].every(
        (axis) => new Set(shapes.map((s) => s[axis]).filter((d) => d !== 1)).size <= 1,
      );
      return shapes.length > 0 && fits ? b.apply(op, ...operands) : undefined;
    },
    () => {
      const [x, y] = [pick(pool), pick(pool)];
      const [transposeA, transposeB] = [roll(2) === 1, roll(2) === 1];
      return size(x, transposeA ? 0 : 1) === size(y, transposeB ? 1 : 0)
        ? b.apply("mul", b.matmul(x, y, { transposeA, transposeB }), constant(0.3))
        : undefined;
    },
    () => b.reduce(pick(["sum", "max"] as const), pick(pool), pick([[0], [1], [0, 1]])),
    () => {
      const x = pick(pool);
      const [rows, columns] = b.shape(x) as [number, number];
      return b.reshape(
        b.reshape(x, [rows * columns]),
        pick([
          [rows, columns],
          [columns, rows],
          [1, rows * columns],
        ]),
      );
    },
    () => {
      const [x, y, axis] = [pick(pool), pick(pool), roll(2)];
      const fits = size(x, 1 - axis) === size(y, 1 - axis) && size(x, axis) + size(y, axis) <= 8;
      return fits ? b.concat([x, y], axis) : undefined;
    },
    () => {
      const x = pick(pool);
      const shape = b.shape(x).map((d) => 1 + roll(d));
      return b.slice(
        x,
        shape.map((d, i) => roll((b.shape(x)[i] as number) - d + 1)),
        shape,
      );
    },
    () => {
      const x = pick(pool);
      const before = [roll(2), roll(2)];
      const strides = [1 + roll(2), 1];
      const shape = b
        .shape(x)
        .map((d, i) => (before[i] as number) + (d - 1) * (strides[i] as number) + 1 + roll(2));
      return Math.max(...shape) > 8 ? undefined : b.pad(x, before, shape, { strides, value: roll(2) / 2 });
    },
    () => {
      const x = pick(pool);
      const shape = b.shape(x).map((d) => 1 + roll(Math.ceil(d / 2)));
      const begin = shape.map((d, i) => roll((b.shape(x)[i] as number) - 2 * (d - 1)));
      return b.slice(x, begin, shape, [2, 2]);
    },
    () => b.transpose(pick(pool), [1, 0]),
    () => {
      const [x, y] = [pick(pool), pick(pool)];
      if (size(x, 1) !== size(y, 0) || size(y, 0) === 1) return undefined;
      // a stack by one matrix
      const stack = b.reshape(b.concat([x, b.apply("neg", x)], 0), [2, ...b.shape(x)]);
      const products = b.matmul(stack, b.reshape(y, [1, ...b.shape(y)]));
      const rows = 2 * size(x, 0);
      return rows > 8 ? undefined : b.apply("mul", b.reshape(products, [rows, size(y, 1)]), constant(0.3));
    },
    () => {
      const x = pick(pool);
      const rows = Int32Array.from({ length: 3 }, () => 1 + roll(size(x, 0)));
      return b.gather(x, b.constant(rows, [3]), 1);
    },
    () => {
      const x = pick(pool);
      const rows = Int32Array.from({ length: size(x, 0) }, () => roll(3));
      return b.scatterAdd(b.constant(rows, [rows.length]), x, 3);
    },
    ...images(),
    ...composites(),
  ];
  while (b.ops.length < length) {
    // Elementwise operations are the commonest, as in nets.
    const made = (roll(2) === 0 ? (attempts[0] as () => ValueId | undefined) : pick(attempts))();
    if (made !== undefined) pool.push(made);
  }
  /** Matrices as images of one channel, filtered by other matrices. */
  function images(): (() => ValueId | undefined)[] {
    const image = (x: ValueId): ValueId => b.reshape(x, [1, ...b.shape(x), 1]);
    const filter = (x: ValueId): ValueId => b.reshape(x, [...b.shape(x), 1, 1]);
    const matrix = (x: ValueId, shape: readonly number[]): ValueId =>
      b.apply("mul", b.reshape(x, shape), constant(0.3));
    const made = (size: (d: number, k: number) => number, kind: "conv2d" | "conv2dInput") => () => {
      const [x, f] = [pick(pool), pick(pool)];
      const strides = [1 + roll(2), 1] as const;
      const attrs = { strides, dilations: [1, 1 + roll(2)], before: [roll(2), roll(2)], groups: 1 } as const;
      const [h, w] = [0, 1].map((axis) => size(b.shape(x)[axis] as number, b.shape(f)[axis] as number));
      const to = [Math.min(h as number, 6), Math.min(w as number, 6)] as const;
      return matrix(b[kind](image(x), filter(f), attrs, to), to);
    };
    return [
      made((d) => d, "conv2d"),
      made((d, k) => d + k - 1, "conv2dInput"),
      () => {
        const [x, dy] = [pick(pool), pick(pool)];
        const attrs = { strides: [1, 1], dilations: [1, 1], before: [roll(2), 1], groups: 1 } as const;
        return matrix(b.conv2dFilter(image(x), image(dy), attrs, [3, 2]), [3, 2]);
      },
    ];
  }
  /** Operations that a backend may have expanded for it. */
  function composites(): (() => ValueId | undefined)[] {
    const stack = (x: ValueId): ValueId => b.reshape(x, [1, ...b.shape(x)]);
    const attend = (): [ValueId, ValueId, ValueId] | undefined => {
      const [q, k] = [pick(pool), pick(pool)];
      return size(q, 1) === size(k, 1) ? [stack(q), stack(k), stack(b.apply("sin", k))] : undefined;
    };
    return [
      () => b.softmax(pick(pool)),
      () => {
        const [x, axes] = [pick(pool), pick([[0], [1], [0, 1]])];
        return pick(b.normalize(x, { axes, epsilon: 0.3, centred: roll(2) === 0 }));
      },
      () => {
        const [x, axes] = [pick(pool), pick([[0], [1], [0, 1]])];
        const centred = roll(2) === 0;
        const [y, , rate] = b.normalize(x, { axes, epsilon: 0.3, centred });
        return b.normalizeGradient(b.apply("sin", x), y, rate, { axes, centred });
      },
      () => {
        const inputs = attend();
        if (!inputs) return undefined;
        const [y, l] = b.attention(...inputs, { scale: 0.5, causal: roll(2) === 0 });
        const one = pick([y, l]);
        return b.reshape(one, b.shape(one).slice(1));
      },
      () => {
        const inputs = attend();
        if (!inputs) return undefined;
        const attrs = { scale: 0.5, causal: roll(2) === 0 };
        const [y, l] = b.attention(...inputs, attrs);
        const one = pick(b.attentionGradient([...inputs, y, l, b.apply("cos", y)], attrs));
        return b.reshape(one, b.shape(one).slice(1));
      },
    ];
  }

  // An output that is a state reads as the new one; here all are computed.
  const float = pool.filter((id) => b.ops.some((op) => op.outputs.includes(id)));
  for (let i = 0; i < 3; i++) b.outputs[`out${i}`] = pick(float);
  b.outputs.last = float.at(-1) as ValueId;
  const toState = b.sumTo(b.apply("mul", b.reduce("sum", pick(float), [0, 1]), constant(0.1)), [1, 1]);
  b.updates.s = b.apply("add", b.apply("mul", b.state.s as ValueId, constant(0.9)), toState);
  const r = b.stateful("r", [2]);
  b.updates.r = b.reshape(b.slice(b.apply("add", b.reshape(r, [1, 2]), toState), [0, 0], [1, 2]), [2]);
  // Some programs update a state with what is also an output.
  if (roll(3) === 0) b.outputs.s = b.updates.s;
  return b.program();
}

/** What the inputs and states of a random program begin with. */
export const randomInputs = (seed: number): Record<string, Float32Array> => ({
  x: numbers(12, seed + 1),
  y: numbers(3, seed + 2),
  s: numbers(16, seed + 3),
  r: numbers(2, seed + 4),
});
