/** The report in words: Markdown tables. */
const figure = (x) => {
  if (typeof x !== "number") return x ?? "";
  return x >= 1000 ? Math.round(x).toLocaleString("en") : `${Number(x.toPrecision(3))}`;
};
const withUnit = (x, unit) => (x === undefined ? "" : `${figure(x)} ${unit}`);
const wanted = ({ least, most, unit }) =>
  least !== undefined ? `≥ ${least} ×` : most !== undefined ? `≤ ${most} ${unit}` : "";

const markdown = (head, lines) => {
  const align = head.map((name) => (name.startsWith(" ") ? "---:" : "---"));
  return [head, align, ...lines].map((cells) => `| ${cells.join(" | ")} |`.replaceAll("  ", " ")).join("\n");
};

/**
 * Rows `{ row, against, unit, ours, theirs, ratio, least, most, met }`: what is measured, ours and theirs in `unit`,
 * and the least ratio or the most of ours that is wanted.
 */
const table = (rows) =>
  markdown(
    ["what", "against", " ours", " theirs", " theirs / ours", " wanted", "met"],
    rows.map((row) => [
      row.row,
      row.against,
      withUnit(row.ours, row.unit),
      withUnit(row.theirs, row.unit),
      row.ratio === undefined ? "" : `${figure(row.ratio)} ×`,
      wanted(row),
      row.met === undefined ? "" : row.met ? "yes" : "**no**",
    ]),
  );

/** How many operations a step is, and how many are done a second beside the peak. */
const rateTable = (rates) =>
  markdown(
    ["step", " Gflop", " Gflop/s", " a loop of multiply-adds", " share"],
    rates.map(({ row, gigaflop, gflops, peak, share }) => [
      row,
      figure(gigaflop),
      figure(gflops),
      `${figure(peak)} Gflop/s`,
      `${Math.round(100 * share)} %`,
    ]),
  );

/** What is loaded until the first training step, and what it is made of. */
const sizeTable = (parts) =>
  markdown(
    ["file", " kB gzipped", "made of (kB minified)"],
    parts.map(({ file, kilobytes, of }) => [
      file,
      figure(kilobytes),
      of.map(([name, size]) => `${name} ${figure(size)}`).join(", "),
    ]),
  );

export function inWords({ processor, cores }, { rows, rates, sizes }) {
  const parts = [`${processor}, ${cores} cores`];
  if (rows.length > 0) parts.push(table(rows));
  if (rates.length > 0) parts.push(rateTable(rates));
  if (sizes.length > 0) parts.push(sizeTable(sizes));
  return parts.join("\n\n");
}
