import { readFileSync, writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { chain, graph, linear, relu } from "../../dsl/index.js";
import { svgFile } from "./export.js";
import { laidOut, training } from "./fixtures.js";
import { toMarkup } from "./mark.js";
import { pictureOf, shown } from "./picture.js";

const state = { selected: null, focused: null, lit: [], values: null };
const markup = (...args: Parameters<typeof laidOut>): string => toMarkup(pictureOf(laidOut(...args), state));
/** One element a line. */
const lines = (xml: string): string => `${xml.replaceAll("><", ">\n<")}\n`;

test("the training net, closed and open, is this text (GOLDEN=1 writes it anew)", () => {
  const file = "components/net-diagram/training-net.golden.txt";
  const drawn = lines(markup(training(), "right", false) + markup(training(), "right", true));
  if (process.env.GOLDEN) writeFileSync(file, drawn);
  assert.fixture(drawn, readFileSync(file, "utf8"));
});

test("names never become markup", () => {
  const name = `<img src=x onerror="alert(1)">&amp;'\u0000`;
  const hostile = graph({
    inputs: { [name]: [3] },
    nodes: { "]]><script>": chain([linear(2), relu]), b: linear(3) },
    edges: { "]]><script>": name, b: "]]><script>" },
    outputs: { "<b>": "b" },
  } as never);
  const xml = markup(hostile, "right", true);
  assert.not.match(xml, /<img|<script|<b>/);
  assert.not.ok(xml.includes("\u0000"));
  assert.match(xml, "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;amp;");
  assert.match(xml, "]]&gt;&lt;script&gt;");
});

test("a file has its colours, and nothing that can be pressed or that lies outside it", () => {
  const file = svgFile(
    laidOut(training(), "right", true),
    { values: { x0: [0.25, -3] } },
    "A & B",
    (token) => (token.endsWith("font") ? "serif" : "#123456"),
  );
  assert.match(file, "<title>A &amp; B</title>");
  assert.not.match(file, /var\(|tabindex|aria-expanded|role="button"|url\(|href/);
  assert.match(file, /fill: #123456/);
  assert.match(file, />0\.25</);
  assert.match(file, />−3</);
});

test("live values stand where shapes stand: columns up to three numbers, else a strip of sixteen", () => {
  const layout = laidOut(training(), "right", true);
  const values = {
    xt: [0.218, -1.284],
    "model.model.2": Array.from({ length: 16 }, (_, i) => i),
    loss: [0.1],
  };
  const xml = toMarkup(pictureOf(layout, { ...state, values }));
  assert.match(xml, />0\.22</);
  assert.match(xml, />−1\.28</);
  assert.is(xml.match(/class="cell"/g)?.length, 16);
});

test("numbers are shown with the digits that matter", () => {
  assert.equal([37, -0.3181, 0.1004, 12.34, 123.4, 2e-7, 1.5e6, 0, Number.NaN, -0.01].map(shown), [
    "37",
    "−0.32",
    "0.10",
    "12.3",
    "123",
    "2e−7",
    "2e+6",
    "0",
    "NaN",
    "−0.01",
  ]);
});

test.run();
