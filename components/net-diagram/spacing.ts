/** The distances of a drawing, in px. */

export interface Spacing {
  /** Least room for a shape on a line that runs to the right, and what it takes beside the words. */
  readonly label: number;
  readonly besideLabel: number;
  /** The gap before an activation, before another node, and before a node that lines turn to. */
  readonly tile: number;
  readonly plain: number;
  readonly turn: number;
  /** Beside a title, on both sides together; beside a formula; and the least width of a layer with a size. */
  readonly besideTitle: number;
  readonly besideFormula: number;
  readonly layer: number;
}

/** The usual ones. */
export const roomy: Spacing = {
  label: 42,
  besideLabel: 22,
  tile: 15,
  plain: 26,
  turn: 30,
  besideTitle: 22,
  besideFormula: 36,
  layer: 60,
};

/** For nets that run to the right and would not fit otherwise. */
export const tight: Spacing = {
  label: 32,
  besideLabel: 13,
  tile: 12,
  plain: 20,
  turn: 24,
  besideTitle: 14,
  besideFormula: 20,
  layer: 52,
};
