/** Nets that the tests of the diagram draw. */
import { formulaOf } from "../../dsl/formula.js";
import { chain, graph, inferShapes, linear, type Net, plus, randomNormal, relu } from "../../dsl/index.js";
import { parameterSpecs } from "../../dsl/parameters.js";
import { linearSchedule } from "../../runtime/diffusion/index.js";
import { denoisers, trainingNet } from "../../specs/index.js";
import type { Direction } from "./content.js";
import { drawingOf, nestedPaths } from "./drawing.js";
import { type Layout, layoutOf } from "./layout.js";
import { estimate } from "./measure.js";
import { roomy, type Spacing } from "./spacing.js";

const schedule = linearSchedule({ steps: 200, betaStart: 1e-4, betaEnd: 0.2 });

/** The training net of a denoiser of points in the plane. */
export const training = (name: keyof typeof denoisers = "mlp"): Net =>
  trainingNet({ model: denoisers[name]({ nDim: 2, tMax: 200, nHidden: 16, layers: 2 }), schedule, nDim: 2 });

/** The minimal standard generator: numbers in (0, 1), the same for the same seed. */
export const numbers = (seed: number) => () => {
  seed = (seed * 16807) % 2147483647;
  return seed / 2147483647;
};

/** A net of so many nodes with skips, sums, noise and nested nets, different for each seed. */
export function randomNet(count: number, seed: number, depth = 1): Net {
  const random = numbers(seed * 7919 + 1);
  const nodes: Record<string, Net> = {};
  const edges: Record<string, string | string[]> = {};
  for (let i = 0; i < count; i++) {
    const name = `n${i}`;
    const earlier = (): string => {
      const k = i - 1 - Math.floor(random() * random() * 6);
      return k < 0 ? "x" : nodes[`n${k}`]?.op === "randomNormal" && random() < 0.5 ? "x" : `n${k}`;
    };
    const kind = random();
    if (kind < 0.35) [nodes[name], edges[name]] = [plus(), [earlier(), earlier()]];
    else if (kind < 0.4) nodes[name] = randomNormal([8]);
    else if (kind < 0.5 && depth > 0)
      [nodes[name], edges[name]] = [randomNet(5, seed + i, depth - 1), earlier()];
    else if (kind < 0.6) [nodes[name], edges[name]] = [chain([linear(8), relu]), earlier()];
    else [nodes[name], edges[name]] = [kind < 0.8 ? relu : linear(8), earlier()];
  }
  return graph({ inputs: { x: [8] }, nodes, edges, outputs: `n${count - 1}` } as never);
}

/** Residual blocks, one after the other, with some long skips over many of them: so many nodes. */
export function deepNet(count: number): Net {
  const nodes: Record<string, Net> = {};
  const edges: Record<string, string | string[]> = {};
  const skips: string[] = [];
  let last = "x";
  const add = (net: Net, from: string | string[]): void => {
    const name = `n${Object.keys(nodes).length}`;
    [nodes[name], edges[name]] = [net, from];
    last = name;
  };
  for (let k = 0; k < count; k = Object.keys(nodes).length) {
    const start = last;
    for (const net of [relu, linear(8), relu, linear(8)]) add(net, last);
    add(plus(), [start, last]);
    if (k % 40 !== 0) continue;
    if (k < count / 2) skips.push(last);
    else add(plus(), [last, skips.pop() ?? start]);
  }
  return graph({ inputs: { x: [8] }, nodes, edges, outputs: last } as never);
}

/** A net laid out without a page; `open`: all its nested nets, or none. */
export function laidOut(net: Net, direction: Direction, open: boolean, spacing: Spacing = roomy): Layout {
  const drawing = drawingOf(net, {
    shapes: inferShapes(net),
    parameters: parameterSpecs(net),
    open: new Set(open ? nestedPaths(net) : []),
    formula: (body, name) => formulaOf(body, name === null ? {} : { name }),
    bound: new Set(["x0"]),
  });
  return layoutOf(drawing, { direction, measure: estimate, values: false, spacing });
}
