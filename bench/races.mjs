/**
 * Which contenders race one another, and what is wanted of it. A contender is `who backend`; the first of a race is
 * ours. `least`: how many times as long as ours theirs should take at least; without it the ratio is reported.
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
  webgl("toy MLP, batch 256", 1.3),
  webgl("spiral MLP, batch 1,024", 1.3),
  webgl("UNet, batch 4", 1.5),
  {
    case: "DDPM, 10,000 points × 200 steps",
    ours: "graffusion simd",
    rivals: [{ id: "tfjs wasm", called: "hand-written tfjs loop, wasm", least: 5 }],
    // Each draws its own noise: their samples agree as two samples do.
    tolerance: 0.05,
  },
];

/** The name of a race's row: the case and our backend. */
export const rowOf = ({ case: name, ours }) => `${name}, ${ours.split(" ")[1]}`;
