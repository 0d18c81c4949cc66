/** The steps of the layout, and the helpers of the element, one by one. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { initialize } from "../../dsl/parameters.js";
import { branches } from "./branches.js";
import { spreadOf } from "./facts.js";
import { laidOut, numbers, training } from "./fixtures.js";
import { linePath } from "./path.js";
import { type Link, place } from "./place.js";
import { smoothed } from "./smooth.js";
import { tracks } from "./tracks.js";
import { edgesAt, frameAround, nodeTowards } from "./ways.js";
import { fit, held, zoomed } from "./zoom.js";

test("places keep the order and the distances of every column, and the heaviest lines are straight", () => {
  const random = numbers(3);
  for (let round = 0; round < 50; round++) {
    const columns = Array.from({ length: 5 }, (_, c) =>
      Array.from({ length: 1 + Math.floor(random() * 4) }, (_, i) => `${c}.${i}`),
    );
    const pick = (column: readonly string[] = []): string =>
      column[Math.floor(random() * column.length)] as string;
    const links = columns.slice(1).flatMap((column, c): Link[] =>
      column.map((to) => ({
        from: pick(columns[c]),
        to,
        shift: Math.floor(random() * 9) - 4,
        weight: random(),
      })),
    );
    const apart = (a: string, b: string): number => 20 + ((a.length * 7 + Number(b.at(-1)) * 5) % 11);
    const at = place(columns, apart, links);
    for (const column of columns)
      for (const [i, cell] of column.slice(1).entries())
        assert.ok(
          (at.get(cell) ?? 0) - (at.get(column[i] as string) ?? 0) >= apart(column[i] as string, cell) - 1e-6,
        );
    const [heaviest] = [...links].sort((a, b) => b.weight - a.weight);
    if (heaviest)
      assert.ok(Math.abs((at.get(heaviest.to) ?? 0) - (at.get(heaviest.from) ?? 0) - heaviest.shift) < 1e-6);
  }
});

test("smoothing never adds a crossing, keeps the cells of each column, and leaves fixed columns alone", () => {
  const random = numbers(5);
  for (let round = 0; round < 40; round++) {
    const columns = Array.from({ length: 4 }, (_, c) => Array.from({ length: 5 }, (_, i) => `${c}.${i}`));
    const hops = columns
      .slice(1)
      .flatMap((column, c) => column.map((to) => ({ from: `${c}.${Math.floor(random() * 5)}`, to })));
    const before = smoothed(columns, hops, () => true);
    const after = smoothed(columns, hops, (column) => column[0]?.startsWith("0") ?? false);
    assert.equal(before.columns, columns);
    assert.ok(after.crossings <= before.crossings);
    assert.equal(after.columns[0], columns[0]);
    assert.equal(
      after.columns.map((column) => [...column].sort()),
      columns,
    );
  }
});

test("lines that share a stretch of their gap have tracks of their own; straight ones need none", () => {
  const found = tracks([
    { key: "straight", from: 10, to: [10] },
    { key: "down", from: 0, to: [50] },
    { key: "up", from: 60, to: [20] },
    { key: "far", from: 200, to: [240] },
  ]);
  assert.not.ok(found.has("straight"));
  assert.is.not(found.get("down"), found.get("up"));
  assert.is(found.get("far"), 0);
});

test("paths from one port are drawn once where they run together, and part at a dot", () => {
  const start = { x: 0, y: 0 };
  const straight = [start, { x: 100, y: 0 }];
  const down = [start, { x: 40, y: 0 }, { x: 40, y: 50 }, { x: 80, y: 50 }];
  const lower = [start, { x: 40, y: 0 }, { x: 40, y: 90 }, { x: 80, y: 90 }];
  const { own, dots } = branches([straight, down, lower]);
  assert.equal(own[0], straight);
  assert.equal(own[1], [{ x: 40, y: 0 }, ...down.slice(2)]);
  assert.equal(own[2], [{ x: 40, y: 50 }, ...lower.slice(2)]);
  assert.equal(dots, [
    { x: 40, y: 0 },
    { x: 40, y: 50 },
  ]);
});

test("corners are round, but not where another line begins", () => {
  const path = [
    { x: 0, y: 0 },
    { x: 40, y: 0 },
    { x: 40, y: 60 },
  ];
  assert.is(linePath(path, false, []), "M0 0L30 0Q40 0 40 10L40 60");
  assert.is(linePath(path, false, [{ x: 40, y: 0 }]), "M0 0L40 0L40 60");
});

test("looking closer keeps the point under the pointer; the picture never leaves its window", () => {
  const [picture, window] = [
    { width: 1000, height: 300 },
    { width: 500, height: 150 },
  ];
  const whole = fit(0.5, picture, window);
  const at = { x: 120, y: 70 };
  const near = zoomed(whole, 2, at, 0.5);
  assert.is((at.x - near.x) / near.k, (at.x - whole.x) / whole.k);
  assert.is(zoomed(whole, 0.1, at, 0.5).k, 0.5);
  assert.is(zoomed(whole, 100, at, 0.5).k, 4);
  assert.equal(held({ k: 1, x: 90, y: -900 }, picture, window), { k: 1, x: 0, y: -150 });
  assert.equal(held({ k: 0.25, x: 0, y: 0 }, picture, window), { k: 0.25, x: 125, y: 0 });
});

test("arrow keys go along edges, through the frames of open nets and back", () => {
  const layout = laidOut(training(), "right", true);
  assert.is(nodeTowards(layout, "<x0", "ArrowRight"), "xt");
  assert.is(nodeTowards(layout, "xt", "ArrowRight"), "model");
  assert.is(nodeTowards(layout, "model", "ArrowDown"), "model.tScale");
  assert.is(nodeTowards(layout, "model.tScale", "ArrowRight"), "model.model.0");
  assert.is(nodeTowards(layout, "model.model.0", "ArrowLeft"), "model.tScale");
  assert.is(nodeTowards(layout, "model.model.5", "ArrowRight"), "loss");
  assert.is(nodeTowards(layout, "loss", "ArrowDown"), ">loss");
  assert.is(nodeTowards(layout, "<x0", "ArrowLeft"), null);
  assert.is(frameAround(layout, "model.tScale"), "model");
  assert.is(frameAround(layout, "loss"), null);
});

test("every node can be reached by arrow keys, in every net and direction", () => {
  for (const direction of ["right", "down"] as const)
    for (const open of [false, true]) {
      const layout = laidOut(training("residualMlp"), direction, open);
      const seen = new Set<string>();
      const waiting = [layout.nodes[0]?.node.id as string];
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (seen.has(id)) continue;
        seen.add(id);
        for (const key of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"] as const) {
          const next = nodeTowards(layout, id, key);
          if (next !== null) waiting.push(next);
        }
      }
      assert.equal(
        layout.nodes.map(({ node }) => node.id).filter((id) => !seen.has(id)),
        [],
      );
    }
});

test("the edges of a node are followed through frames", () => {
  const layout = laidOut(training(), "right", true);
  const ends = edgesAt(layout, "xt").flatMap(({ from, to }) => [from, to]);
  for (const id of ["<x0", "eps", "t", "model", "model.model.0"]) assert.ok(ends.includes(id), id);
  assert.not.ok(ends.includes("model.model.1"));
});

test("the spread of weights: mean, deviation, and a histogram that counts each of them", () => {
  const spread = spreadOf(initialize(training(), { seed: 1 }));
  assert.ok(spread && Math.abs(spread.mean) < 0.1 && spread.sd > 0.1);
  const counted = spread.bins.reduce((sum, count) => sum + count, 0);
  assert.ok(counted > 0.97 * 370 && counted <= 370, `${counted}`);
  assert.is(spreadOf(training()), null);
});

test.run();
