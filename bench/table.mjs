/** Rows as a Markdown table. */
const figure = (x) => {
  if (typeof x !== "number") return x ?? "";
  return x >= 1000 ? Math.round(x).toLocaleString("en") : `${Number(x.toPrecision(3))}`;
};
const withUnit = (x, unit) => (x === undefined ? "" : `${figure(x)} ${unit}`);
const wanted = ({ least, most, unit }) =>
  least !== undefined ? `≥ ${least} ×` : most !== undefined ? `≤ ${most} ${unit}` : "";

/**
 * `{ row, against, unit, ours, theirs, ratio, least, most, met }`: what is measured, ours and theirs in `unit`, and the
 * least ratio or the most of ours that is wanted.
 */
export function table(rows) {
  const lines = rows.map((row) =>
    [
      row.row,
      row.against,
      withUnit(row.ours, row.unit),
      withUnit(row.theirs, row.unit),
      row.ratio === undefined ? "" : `${figure(row.ratio)} ×`,
      wanted(row),
      row.met === undefined ? "" : row.met ? "yes" : "**no**",
    ].join(" | "),
  );
  return [
    "what | against | ours | theirs | theirs / ours | wanted | met",
    "---|---|---:|---:|---:|---:|---",
    ...lines,
  ]
    .map((line) => `| ${line} |`)
    .join("\n");
}
