/**
 * Which contenders race one another, and what is wanted of it. A contender is `who backend`; the first of a race is
 * ours. `least`: how many times as long as ours theirs should take at least; without it the ratio is reported.
 * `isolated` races are run in a page that may share memory.
 */
const mlpRivals = ([tfjs, jax], pytorch = {}) => [
  { id: "tfjs wasm", called: "tfjs `minimize`, wasm", least: tfjs },
  { id: "layers wasm", called: "tf.LayersModel, wasm" },
  { id: "jax-js wasm", called: "jax-js, wasm", least: jax },
  { id: "pytorch 1", called: "PyTorch, 1 thread", ...pytorch },
  { id: "pytorch 2", called: "PyTorch, 2 threads", ...pytorch },
];
const webgl = (name, least) => ({
  case: name,
  ours: "graffusion webgl",
  rivals: [{ id: "tfjs webgl", called: "hand-written tfjs, webgl", least }],
});

export const races = [
  {
    case: "toy MLP, batch 256",
    ours: "graffusion simd",
    rivals: mlpRivals([14, 2.2], { least: 1 }),
  },
  { case: "toy MLP, batch 4,096", ours: "graffusion simd", rivals: mlpRivals([10, 1.5]) },
  { case: "spiral MLP, batch 1,024", ours: "graffusion simd", rivals: mlpRivals([12, 1.5]) },
  {
    case: "UNet, batch 32",
    ours: "graffusion simd",
    rivals: [
      { id: "tfjs wasm", called: "hand-written tfjs, wasm, the missing gradient registered", least: 12 },
      { id: "pytorch 1", called: "PyTorch, 1 thread" },
      { id: "pytorch 2", called: "PyTorch, 2 threads" },
    ],
  },
  ...["graffusion", "replicas"].map((who) => {
    const one = who === "graffusion" ? "thread" : "replica";
    return {
      ...{ name: `UNet, batch 32, simd, two ${one}s`, case: "UNet, batch 32", isolated: true },
      ours: `${who} simd/2`,
      rivals: [{ id: `${who} simd/1`, called: `one ${one}`, least: 1.7 }],
    };
  }),
  webgl("toy MLP, batch 256", 1.3),
  webgl("spiral MLP, batch 1,024", 1.3),
  webgl("UNet, batch 4", 1.5),
  ...["graffusion simd", "spread simd/2"].map((ours) => ({
    ...(ours === "spread simd/2" && { name: "DDPM, 10,000 points × 200 steps, simd, two workers" }),
    case: "DDPM, 10,000 points × 200 steps",
    ours,
    rivals: [{ id: "tfjs wasm", called: "hand-written tfjs loop, wasm", least: 5 }],
    // Each draws its own noise: their samples agree as two samples do.
    tolerance: 0.05,
  })),
];

/** The name of a race's row: its own, or the case and our backend. */
export const rowOf = ({ name, case: of, ours }) => name ?? `${of}, ${ours.split(" ")[1]}`;
