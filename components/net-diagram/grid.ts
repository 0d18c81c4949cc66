/** The cells of a net in their columns: order from the layers, ports in the order of their lines, sides for single lines. */

import { join } from "../../dsl/wiring.js";
import { type Arranged, arrange } from "./arrange.js";
import { type Cell, cornerCell, lineCell, nodeCell, type Side } from "./cells.js";
import type { Drawing, DrawnEdge, DrawnNode } from "./drawing.js";
import { labelsOf } from "./labels.js";
import { type Layered, layered, lineMark } from "./layers.js";
import type { LayoutOptions } from "./layout.js";
import { group, mainEdges, spineOf } from "./spine.js";

/** The open net around a drawing, with the order that its surroundings ask of its ports. */
export interface Frame {
  readonly node: DrawnNode;
  readonly ins: readonly string[];
  readonly outs: readonly string[];
  /** The least distance between neighbouring input ports. */
  readonly least: number;
}

export interface Grid {
  readonly drawing: Drawing;
  readonly edges: readonly DrawnEdge[];
  readonly columns: readonly (readonly string[])[];
  readonly cells: ReadonlyMap<string, Cell>;
  /** The cells that each edge passes; one that turns into a node's side ends in its corner. */
  readonly routes: ReadonlyMap<DrawnEdge, readonly string[]>;
  /** The side of its node that an edge comes to, where it turns to one. */
  readonly sides: ReadonlyMap<DrawnEdge, Side>;
  /** Cells from which a line turns into the node beside them, before or after: `first\nsecond` in the column's order. */
  readonly turnings: ReadonlySet<string>;
  /** Results that hang on the node they come from: node → pill. */
  readonly hangers: ReadonlyMap<string, string>;
  readonly main: ReadonlyMap<string, DrawnEdge>;
  readonly spine: ReadonlySet<DrawnEdge>;
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Everything that is decided before anything has a size. */
interface Order {
  readonly edges: readonly DrawnEdge[];
  readonly hangers: ReadonlyMap<string, string>;
  readonly main: ReadonlyMap<string, DrawnEdge>;
  readonly spine: ReadonlySet<DrawnEdge>;
  readonly layers: Layered;
}

/** A drawing is ordered once, however often it is laid out. */
const known = new WeakMap<Drawing, Map<string, Order>>();

export function orderOf(drawing: Drawing, options: LayoutOptions, frame: Frame | null): Order {
  const key = JSON.stringify([frame ? [frame.ins, frame.outs] : options.direction]);
  const orders = known.get(drawing) ?? new Map<string, Order>();
  known.set(drawing, orders);
  const order = orders.get(key) ?? newOrder(drawing, options, frame);
  orders.set(key, order);
  return order;
}

function newOrder(drawing: Drawing, options: LayoutOptions, frame: Frame | null): Order {
  const hangers = options.direction === "right" && !frame ? hangersOf(drawing) : new Map<string, string>();
  const hanging = new Set(hangers.values());
  const edges = drawing.edges.filter(({ to }) => !hanging.has(to));
  const nodes = drawing.nodes.filter(({ id }) => !hanging.has(id));
  const pinOf = ({ kind, inputs }: DrawnNode) =>
    kind !== "port" ? null : inputs.length > 0 ? "last" : "first";
  const asked = frame ? askedOrder(frame) : [];
  const found = layered(
    nodes.map((node) => ({ id: node.id, pin: pinOf(node) })),
    edges,
    asked,
  );
  const main = mainEdges(nodes, edges, found);
  const spine = spineOf(nodes, main, found);
  return { edges, hangers, main, spine, layers: asked.length > 0 ? found : turned(found, spine) };
}

/** `least` is the distance that the ports of an open net are to have at least. */
export function gridOf(
  drawing: Drawing,
  { edges, hangers, main, spine, layers: { columns: order, routes: ways } }: Order,
  options: LayoutOptions,
  least: ReadonlyMap<string, number>,
): Grid {
  const byId = new Map(drawing.nodes.map((node) => [node.id, node]));
  const spot = new Map(order.flatMap((column) => column.map((id, i) => [id, i] as const)));
  const along = (edges: readonly DrawnEdge[] | undefined, at: (edge: DrawnEdge) => string): DrawnEdge[] =>
    [...(edges ?? [])].sort((a, b) => (spot.get(at(a)) as number) - (spot.get(at(b)) as number));
  const previous = (edge: DrawnEdge): string => ways.get(edge)?.at(-2) as string;
  const following = (edge: DrawnEdge): string => ways.get(edge)?.[1] as string;
  const into = group(edges, ({ to }) => to);
  const outOf = group(edges, ({ from }) => from);
  const labels = labelsOf(drawing);
  const cells = new Map<string, Cell>();
  const routes = new Map<DrawnEdge, readonly string[]>(
    edges.map((edge) => [edge, ways.get(edge) as readonly string[]]),
  );

  const sideOf = new Map<DrawnEdge, Side>();
  const turnings = new Set<string>();
  const around = (node: DrawnNode, column: readonly string[]): string[] => {
    const ins = along(into.get(node.id), previous);
    const outs = along(outOf.get(node.id), following);
    const portsIn = distinct(
      ins.map(({ toPort }) => toPort),
      node.inputs,
    );
    const portsOut = distinct(
      outs.map(({ fromPort }) => fromPort),
      Object.keys(node.outputs),
    );
    const mainIn = main.get(node.id);
    const [first, second] = ins;
    const turns = !node.inside && ins.length === 2 && first && second && previous(first) !== previous(second);
    const turning = turns ? (first === mainIn ? second : first) : null;
    const side: Side | null = turning ? (turning === first ? "before" : "after") : null;
    const free: Side = side === "before" ? "after" : "before";
    const last = node.kind === "random" && column.length > 1 && node.id === column.at(-1);
    const inside: Arranged | null =
      node.inside &&
      arrange(node.inside, options, { node, ins: portsIn, outs: portsOut, least: least.get(node.id) ?? 0 });
    const mainOut = outs.find((edge) => spine.has(edge))?.fromPort ?? portsOut[0] ?? "";
    cells.set(
      node.id,
      nodeCell(node, {
        ...options,
        ins: portsIn.filter((port) => port !== turning?.toPort),
        mainIn: mainIn?.toPort ?? portsIn[0] ?? "",
        outs: portsOut,
        mainOut,
        labels: labels.get(node.id) ?? {},
        captionSide: side === "after" ? "before" : node.kind === "activation" || last ? "after" : free,
        inside,
      }),
    );
    const sides: Record<Side, string[]> = { before: [], after: [] };
    if (turning && side) {
      // A line that goes on past the node is left there; otherwise one comes for this node alone.
      const beside = column[column.indexOf(node.id) + (side === "before" ? -1 : 1)];
      const trunk = beside?.startsWith(lineMark(turning.from, turning.fromPort)) ? beside : null;
      const corner = trunk ?? `${node.id}\nside`;
      if (trunk === null) {
        cells.set(corner, cornerCell(corner));
        sides[side].push(corner);
      }
      sideOf.set(turning, side);
      turnings.add(side === "before" ? `${corner}\n${node.id}` : `${node.id}\n${corner}`);
      routes.set(turning, [...(routes.get(turning) ?? []).slice(0, -1), corner]);
    }
    const pill = byId.get(hangers.get(node.id) ?? "");
    if (pill) {
      const none = {
        ins: [],
        mainIn: "",
        outs: [],
        mainOut: "",
        labels: {},
        captionSide: "after",
        inside: null,
      } as const;
      const below: Side = side === "after" ? "before" : "after";
      cells.set(pill.id, {
        ...nodeCell(pill, { ...options, ...none }),
        kind: "hanger",
        of: node.id,
        side: below,
      });
      sides[below].push(pill.id);
    }
    return [...sides.before, node.id, ...sides.after];
  };
  const columns = order.map((column) =>
    column.flatMap((id) => {
      const node = byId.get(id);
      if (node) return around(node, column);
      cells.set(id, lineCell(id));
      return [id];
    }),
  );
  return { drawing, edges, columns, cells, routes, sides: sideOf, turnings, hangers, main, spine, labels };
}

const distinct = (ordered: readonly string[], all: readonly string[]): string[] => [
  ...new Set([...ordered, ...all]),
];

/** A result that comes straight from a loss hangs below it. */
function hangersOf({ nodes, edges }: Drawing): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const outOf = group(edges, ({ from }) => from);
  return new Map(
    edges.flatMap(({ from, to }) =>
      byId.get(from)?.kind === "loss" && byId.get(to)?.kind === "io" && outOf.get(from)?.length === 1
        ? [[from, to]]
        : [],
    ),
  );
}

/** Pairs of ports on the frame, the first of which comes first. */
function askedOrder({ node, ins, outs }: Frame): (readonly [string, string])[] {
  const pairs = (mark: string, ports: readonly string[]) =>
    ports
      .slice(1)
      .map(
        (port, i) =>
          [`${mark}${join(node.path, ports[i] as string)}`, `${mark}${join(node.path, port)}`] as const,
      );
  return [...pairs("<", ins), ...pairs(">", outs)];
}

/** The long lines above the main one, not below: the picture upside down if it has more of them below. */
function turned(found: Layered, spine: ReadonlySet<DrawnEdge>): Layered {
  const onSpine = new Set([...spine].flatMap((edge) => found.routes.get(edge) ?? []));
  const isLine = (id: string): boolean => id.includes("\n");
  let above = 0;
  for (const column of found.columns) {
    const middle = column.findIndex((id) => onSpine.has(id));
    if (middle < 0) continue;
    for (const [i, id] of column.entries()) above += isLine(id) ? Math.sign(middle - i) : 0;
  }
  return above >= 0 ? found : { ...found, columns: found.columns.map((column) => [...column].reverse()) };
}
