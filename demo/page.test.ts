import { existsSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { settingsOf } from "../components/diffusion-demo/settings.js";

const page = readFileSync("demo/index.html", "utf8");
const policy = page.match(/Content-Security-Policy"\s+content="([^"]+)"/)?.[1] ?? "";

test("the page allows its own scripts, workers and styles, WebAssembly, and nothing else", () => {
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'/);
  assert.not.match(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
});

test("it has no inline script, no inline style, no handler, and nothing from elsewhere", () => {
  assert.not.match(page, /<script(?![^>]*\ssrc=)/);
  assert.not.match(page, /<style|\sstyle=|\son\w+=/);
  assert.not.match(page, /(?:src|href)="(?:https?:)?\/\//);
});

test("the files that it asks for are there", () => {
  for (const [, file] of page.matchAll(/(?:src|href|checkpoint)="([^"#]+)"/g))
    assert.ok(existsSync(`demo/${file?.replace(/\.js$/, ".ts")}`), file);
});

test("its links lead to its sections, and its demos are of one dimension, of two, and of digits", () => {
  for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(page.includes(`id="${id}"`), id);
  const kinds = [
    ...page.matchAll(
      /<diffusion-demo data="(\w+)" model="(\w+)" schedule="(\w+)" steps="(\d+)" sampler="(\w+)"/g,
    ),
  ].map(([, data = "", model = "", schedule = "", steps = "", sampler = ""]) => {
    const settings = settingsOf({
      data,
      model,
      schedule,
      steps,
      sampler,
      points: null,
      pictures: null,
      hidden: null,
      batchSize: null,
      rate: null,
      seconds: null,
      seed: 0,
      backend: "auto",
    });
    return settings.kind === "points" ? settings.nDim : settings.shape;
  });
  assert.equal(kinds, [1, 2, [28, 28, 1]]);
});

test.run();
