/** From what an element is given to what it can draw: a net with its shapes, or the faults in words. */

import { inferShapes } from "../../dsl/infer.js";
import { fromJSON, parseNet } from "../../dsl/json.js";
import { type Fault, NetError } from "../../dsl/message.js";
import type { Net } from "../../dsl/net.js";
import { type ParameterSpec, parameterSpecs } from "../../dsl/parameters.js";
import { nestedPaths, type Shapes } from "./drawing.js";

export interface Reading {
  readonly net: Net;
  readonly shapes: Shapes;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  /** Paths of the nested nets, outermost first. */
  readonly nested: readonly string[];
  /** The net as text without its arrays. */
  readonly form: string;
}

/** A net or the text of one. Its faults, each with its path, where it cannot be drawn. */
export function read(source: unknown): { readonly reading: Reading } | { readonly faults: readonly Fault[] } {
  try {
    const net = typeof source === "string" ? fromJSON(source) : parseNet(source);
    const form = JSON.stringify(net, (key, value: unknown) => (key === "arrays" ? undefined : value));
    const shapes = inferShapes(net);
    return { reading: { net, shapes, parameters: parameterSpecs(net), nested: nestedPaths(net), form } };
  } catch (error) {
    if (error instanceof NetError) return { faults: error.faults };
    return { faults: [{ path: "", message: error instanceof Error ? error.message : String(error) }] };
  }
}

/** Above this number of nodes, and in narrow places, nets start closed unless the author says otherwise. */
const manyNodes = 16;
const narrow = 480;

/** Which nets are open at first: `all`, `none`, or paths separated by spaces; without a word, all where there is room. */
export function openAtFirst(
  { nested }: Reading,
  words: string | null,
  width: number,
  nodes: number,
): Set<string> {
  const said = words?.trim().split(/\s+/) ?? [width >= narrow && nodes <= manyNodes ? "all" : "none"];
  return new Set(nested.filter((path) => said.includes("all") || said.includes(path)));
}
