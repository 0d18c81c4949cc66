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
  for (const [, file] of page.matchAll(/(?:src|href)="([^"#]+)"/g))
    assert.ok(existsSync(`demo/${file?.replace(/\.js$/, ".ts")}`), file);
});

test("its links lead to its sections, and its first demos are of one and of two dimensions", () => {
  for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(page.includes(`id="${id}"`), id);
  const dims = [
    ...page.matchAll(
      /<diffusion-demo data="(\w+)" model="(\w+)" schedule="(\w+)" steps="(\d+)" sampler="(\w+)">/g,
    ),
  ].map(
    ([, data = "", model = "", schedule = "", steps = "", sampler = ""]) =>
      settingsOf({
        data,
        model,
        schedule,
        steps,
        sampler,
        points: null,
        hidden: null,
        batchSize: null,
        rate: null,
        seconds: null,
        seed: 0,
        backend: "auto",
      }).nDim,
  );
  assert.equal(dims, [1, 2]);
});

test.run();
