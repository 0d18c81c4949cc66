/** What each layer is called and shows in a drawing; the kind, which is its colour, stands in the dsl's table. */
import { layers } from "../../dsl/layers/index.js";
import type { Layer, PortType, Step, UnaryOp } from "../../dsl/net.js";
import type { DrawnNode, Glyph, NodePorts } from "./drawing.js";
import { shapeWords, symbolOf } from "./drawing.js";

/** Spellings that a capital first letter does not give. */
const spellings: Readonly<Partial<Record<string, string>>> = {
  relu: "ReLU",
  silu: "SiLU",
  gelu: "GELU",
  erf: "Erf",
  neg: "Negate",
  rsqrt: "1/√x",
  sqrt: "√x",
  square: "x²",
  abs: "|x|",
  reciprocal: "1/x",
  sinusoidalEmbedding: "Sinusoidal",
  rmsNorm: "RMSNorm",
  conv2d: "Conv",
  depthwiseConv2d: "DepthwiseConv",
  conv2dTranspose: "ConvTranspose",
  embedding: "Embedding",
};

/** `layerNorm` → LayerNorm, `relu` → ReLU. */
export const spelled = (name: string): string =>
  spellings[name] ?? name.charAt(0).toUpperCase() + name.slice(1);

export const titleOf = (net: Layer): string =>
  net.op === "elementwise"
    ? spelled(String(net.options.f))
    : net.op === "plus"
      ? "+"
      : net.op === "times"
        ? "×"
        : spelled(net.op);

/** `3×5` of a pair. */
const by = (pair: unknown): string => (Array.isArray(pair) ? pair.join("×") : "");
/** `2` of a pair of equal numbers. */
const once = (pair: unknown): string =>
  Array.isArray(pair) && pair[0] === pair[1] ? `${pair[0]}` : by(pair);
/** The kernel of a convolution, and its stride: `3×3`, `3×3 / 2`. */
function moves({ options }: Layer): string {
  const stride = once(options.stride);
  return `${by(options.kernel)}${stride === "1" ? "" : ` / ${stride}`}`;
}

/** The size that a layer is known by; the shapes on the edges say the rest. */
function detailOf(net: Layer, output: PortType | undefined): string {
  switch (net.op) {
    case "linear":
    case "embedding":
    case "sinusoidalEmbedding":
      return String(net.options.nOut);
    case "reshape":
    case "parameter":
      return output ? shapeWords(output) : "";
    case "dropout":
      return String(net.options.p);
    case "conv2d":
    case "conv2dTranspose":
      return `${net.options.channels}, ${moves(net)}`;
    case "depthwiseConv2d":
      return moves(net);
    case "averagePool":
    case "maxPool":
    case "resize":
      return by(net.options.size);
    case "upsample":
      return `× ${once(net.options.factor)}`;
    case "downsample":
      return `÷ ${once(net.options.factor)}`;
    case "groupNorm":
      return String(net.options.groups);
    case "attention":
      return net.options.heads === 1 ? "" : `${net.options.heads} heads`;
    case "part":
      return String(net.options.index);
    case "slice":
      return `${net.options.begin} … ${net.options.end ?? ""}`.trim();
    default:
      return "";
  }
}

/** `RandomNormal[2]`, `RandomInteger(1, 200)`. */
function distribution(net: Layer, output: PortType | undefined): string {
  if (output?.dtype === "integer") return `${spelled(net.op)}(${output.min}, ${output.max})`;
  return `${spelled(net.op)}[${output?.shape?.join(", ") ?? ""}]`;
}

function glyphOf(net: Layer): Glyph | null {
  switch (net.op) {
    case "randomNormal":
      return "normal";
    case "randomUniform":
      return "uniform";
    case "randomInteger":
      return "bars";
    case "softmax":
      return { curve: "softmax" };
    case "elementwise":
      return { curve: net.options.f as UnaryOp };
    default:
      return null;
  }
}

/** The name where there is one that says more than the layer itself. */
export function layerLook(
  net: Layer,
  name: string,
  ports: NodePorts,
): Partial<DrawnNode> & Pick<DrawnNode, "kind" | "label" | "title"> {
  const { kind } = layers[net.op];
  const output = Object.values(ports.outputs)[0];
  const title = titleOf(net);
  const detail = detailOf(net, output);
  const own = name !== "" && name.toLowerCase() !== net.op.toLowerCase() ? name : "";
  const words = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(", ");
  if (kind === "random") {
    const whole = distribution(net, output);
    if (own === "") return { kind, label: whole, title: whole, glyph: glyphOf(net) };
    return {
      kind,
      label: words(own, whole),
      title: own,
      symbol: symbolOf(own),
      caption: whole,
      glyph: glyphOf(net),
    };
  }
  if (kind === "activation")
    return { kind, label: words(own, title), title, caption: title, glyph: glyphOf(net) };
  const caption = kind === "loss" ? "" : own;
  const mixes = net.op === "plus" || net.op === "times";
  return { kind, mixes, label: words(kind === "loss" ? "" : own, title, detail), title, detail, caption };
}

/** Elementwise over several inputs: its steps are a formula of its ports, which are called x, y and z. */
export function threadBody(net: Layer): readonly Step[] | null {
  if (net.op !== "thread" || !Array.isArray(net.options.body)) return null;
  const names = ["x", "y", "z"];
  const few = Number(net.options.arity) <= names.length;
  return (net.options.body as readonly Step[]).map((step) =>
    step.op === "input"
      ? { ...step, name: few ? (names[Number(step.name)] ?? "") : `x${Number(step.name) + 1}` }
      : step,
  );
}
