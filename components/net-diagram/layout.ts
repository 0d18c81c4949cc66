/** The whole way from a drawing to places: plain data, in px, the origin at the top left. */
import { arrange } from "./arrange.js";
import type { Content, Direction, Setting } from "./content.js";
import type { Drawing, DrawnNode, Letter } from "./drawing.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Anchor = "start" | "middle" | "end";

export interface PlacedNode {
  readonly node: DrawnNode;
  /** The centre of the outline and its size. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly content: Content;
  readonly caption: { readonly x: number; readonly y: number; readonly anchor: Anchor } | null;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly fromPort: string;
  readonly toPort: string;
  /** From port to port. */
  readonly points: readonly Point[];
  /** What is not drawn already by another edge from the same port. */
  readonly own: readonly Point[];
  readonly arrow: boolean;
}

export interface PlacedLabel {
  readonly kind: "shape" | "port";
  readonly text: string;
  readonly letter: Letter | null;
  readonly x: number;
  readonly y: number;
  readonly anchor: Anchor;
}

/** Where the live value of a port is shown: up to three numbers as a column, more as a strip. */
export interface ValuePlace {
  readonly path: string;
  readonly port: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: "middle" | "end";
}

export interface Parts {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly labels: readonly PlacedLabel[];
  readonly values: readonly ValuePlace[];
  /** Where an edge leaves another. */
  readonly branches: readonly Point[];
  /** Open circles on the frames of open nets. */
  readonly ports: readonly Point[];
}

export interface Layout extends Parts {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
}

export interface LayoutOptions extends Setting {
  /** Whether room is kept for live values. */
  readonly values: boolean;
}

/** Half an outline stands out; halos may be cut off. */
const margin = 2;

export function layoutOf(drawing: Drawing, options: LayoutOptions): Layout {
  const { parts, length, low, high } = arrange(drawing, options, null);
  const right = options.direction === "right";
  const moved = translate(parts, margin - (right ? 0 : low), margin - (right ? low : 0));
  const [width, height] = right ? [length, high - low] : [high - low, length];
  return { ...moved, direction: options.direction, width: width + 2 * margin, height: height + 2 * margin };
}

export function translate(parts: Parts, dx: number, dy: number): Parts {
  const move = <P extends Point>(point: P): P => ({ ...point, x: point.x + dx, y: point.y + dy });
  return {
    nodes: parts.nodes.map((node) => ({ ...move(node), caption: node.caption && move(node.caption) })),
    edges: parts.edges.map((edge) => ({ ...edge, points: edge.points.map(move), own: edge.own.map(move) })),
    labels: parts.labels.map(move),
    values: parts.values.map(move),
    branches: parts.branches.map(move),
    ports: parts.ports.map(move),
  };
}
