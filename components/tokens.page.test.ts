import { test } from "uvu";
import * as assert from "uvu/assert";
import { installTokens, tokenCss } from "./tokens.js";

const probe = document.createElement("p");
probe.style.color = "var(--gf-ink)";
document.body.append(probe);
const ink = (): string => getComputedStyle(probe).color;
const [light, dark] = ["rgb(27, 30, 36)", "rgb(233, 235, 239)"];

test("the tokens stand on the page once, however often they are installed", () => {
  installTokens();
  const before = document.adoptedStyleSheets.length;
  installTokens();
  assert.is(document.adoptedStyleSheets.length, before);
  assert.is(ink(), light);
});

test("colours follow color-scheme and data-theme, on the page and on a part of it", () => {
  document.documentElement.style.colorScheme = "dark";
  assert.is(ink(), dark);
  document.documentElement.style.colorScheme = "";
  probe.dataset.theme = "dark";
  assert.is(ink(), dark);
  document.documentElement.dataset.theme = "dark";
  probe.dataset.theme = "light";
  assert.is(ink(), light);
  delete probe.dataset.theme;
  delete document.documentElement.dataset.theme;
  assert.is(ink(), light);
});

test("a rule of the page wins over the tokens", () => {
  const sheet = document.createElement("style");
  sheet.textContent = ":root { --gf-ink: rgb(1, 2, 3); }";
  document.head.prepend(sheet);
  assert.is(ink(), "rgb(1, 2, 3)");
  sheet.remove();
});

test("every colour is there for light and dark", () => {
  const names = [...tokenCss.matchAll(/(--gf-[\w-]+): light-dark\(/g)].map(([, name]) => name as string);
  assert.ok(names.length > 40);
  for (const name of names) {
    probe.style.color = "";
    probe.style.color = `var(${name}, red)`;
    assert.match(getComputedStyle(probe).color, /^rgb\(/);
    assert.is.not(getComputedStyle(probe).color, "rgb(255, 0, 0)", name);
  }
});

test.run();
