/** The sum of what a net receives and what it gives. */
import { plus } from "./layers/sum.js";
import type { Takes } from "./message.js";
import type { Net } from "./net.js";
import { anything } from "./ports.js";
import type { Apply, Rule, RuleOf, TypedGraph, Under } from "./rule.js";
import type { Agree, Merge, Port, ShapeOf, Show, Unknown } from "./shape.js";
import { inputsOf } from "./wiring.js";

export interface Residual<N> extends Rule {
  readonly ports: readonly ["input"];
  readonly output: "output";
  readonly inside: unknown;
  readonly out: this["in"] extends readonly [infer P]
    ? Apply<RuleOf<N>, Into<RuleOf<N>["ports"], ShapeOf<P>>> extends infer Out
      ? Out extends string
        ? `.${Under<"net", Out>}`
        : Out extends Port
          ? Agree<ShapeOf<P>, ShapeOf<Out>> extends true
            ? Merge<ShapeOf<Out>, ShapeOf<P>>
            : `.plus: ${Takes<"plus", Show<ShapeOf<Out>>, Show<ShapeOf<P>>>}`
          : Unknown
      : never
    : never;
}
type Into<Ports, P> = Ports extends readonly unknown[] ? readonly [P] : { readonly [N in keyof Ports]: P };

/**
 * x + net(x): the graph of the nodes `net`, of one input and one output, and `plus`; [...s] → [...s].
 * Refuses a net that gives another shape than it receives. arXiv 1512.03385.
 */
export const residual = <const N extends Net>(net: N): TypedGraph<Residual<N>> => {
  const ports = inputsOf(net);
  const port = ports === "variadic" ? "0" : (ports[0] ?? "input");
  return {
    op: "graph",
    inputs: { input: anything },
    nodes: { net, plus: plus() },
    edges: { net: { [port]: "input" }, plus: { 0: "net", 1: "input" } },
    outputs: { output: "plus" },
  };
};
