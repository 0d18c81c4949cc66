/** Words on edges: a shape where a value is new, a port's name where a node has more than one. */
import type { Drawing, DrawnEdge, DrawnNode } from "./drawing.js";
import { group } from "./spine.js";

/** The words at the output ports of each node. */
export function labelsOf(drawing: Drawing): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const byId = new Map(drawing.nodes.map((node) => [node.id, node]));
  const leaving = group(drawing.edges, ({ from, fromPort }) => `${from}\n${fromPort}`);
  return new Map(
    drawing.nodes.map((node) => {
      const words: Record<string, string> = {};
      for (const [port, shape] of Object.entries(node.outputs)) {
        const targets = leaving.get(`${node.id}\n${port}`) ?? [];
        const [only, ...others] = targets;
        const next = only && others.length === 0 ? byId.get(only.to)?.kind : undefined;
        if (node.kind === "port" || targets.length === 0 || next === "activation" || next === "port")
          continue;
        words[port] = Object.keys(node.outputs).length > 1 ? `${port} ${shape}`.trim() : shape;
      }
      return [node.id, words];
    }),
  );
}

/** The last name of a path. */
export const nameOf = (path: string): string => path.slice(path.lastIndexOf(".") + 1);

/** The name at the end of an edge, or "" where it says nothing: a number, the only port, the name of the source. */
export function portName(edge: DrawnEdge, source: DrawnNode, target: DrawnNode): string {
  const { toPort } = edge;
  const silent = target.inputs.length < 2 || target.inside || /^\d+$/.test(toPort) || toPort === "input";
  return silent || nameOf(source.path) === toPort ? "" : toPort;
}
