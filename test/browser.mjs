/** A headless Chromium and a local server of files, for the tests and the benchmark. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-webgpu", // a headless browser without a GPU offers WebGPU in software then
];

/** Whether `path` is a file that may be run. */
const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** The path of a browser: $CHROME, Chromium or Chrome of the PATH, or Playwright's own; null where there is none. */
export function findBrowser() {
  if (process.env.CHROME) return isExecutable(process.env.CHROME) ? process.env.CHROME : null;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  candidates.push("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", chromium.executablePath());
  return candidates.find(isExecutable) ?? null;
}

/** Installs a browser where none is found: Debian's package as root, else Playwright's. Returns its path. */
export function installBrowser() {
  const run = (command, ...args) => execFileSync(command, args, { stdio: "inherit" });
  if (process.env.CHROME) throw new Error(`CHROME is ${process.env.CHROME}, which is no program.`);
  try {
    if (isExecutable("/usr/bin/apt-get") && process.getuid?.() === 0) {
      run("apt-get", "update");
      run("apt-get", "install", "-y", "--no-install-recommends", "chromium");
    } else run(process.execPath, "node_modules/playwright-core/cli.js", "install", "chromium");
  } catch (error) {
    console.error(error.message);
  }
  const found = findBrowser();
  if (!found)
    throw new Error(
      "No Chrome or Chromium is found: install one (Debian: `apt-get install chromium`; elsewhere: `npx playwright-core install chromium`) or set CHROME to its path.",
    );
  return found;
}

/** Starts the browser that is found, or installed when none is. */
export function launch() {
  return chromium.launch({ executablePath: findBrowser() ?? installBrowser(), args: flags });
}

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".map": "application/json",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/** What a page that embeds the library needs to allow, and no more: WebAssembly, but no `eval` and no inline script. */
export const strictPolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; " +
  "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:";

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Serves files at 127.0.0.1 under the strict policy. The first of `folders` that has the file gives it; "/" is
 * index.html, or a blank page where there is none.
 * @param {string | string[]} folders
 * @param {{ port?: number, isolated?: boolean }} [options] `port` 0, the default, is any free one. `isolated` pages and
 * their workers are cross-origin isolated: they may share memory.
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve(folders, { port = 0, isolated = false } = {}) {
  const roots = [folders].flat();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
    const name = path.endsWith("/") ? `${path}index.html` : path;
    const headers = {
      "Content-Security-Policy": strictPolicy,
      "Cache-Control": "no-store",
      ...(isolated ? isolation : {}),
    };
    const file = roots
      .map((root) => join(root, name))
      .find((f) => statSync(f, { throwIfNoEntry: false })?.isFile());
    if (file) {
      response.writeHead(200, {
        ...headers,
        "Content-Type": types[extname(file)] ?? "application/octet-stream",
      });
      createReadStream(file).pipe(response);
    } else if (path === "/") {
      response.writeHead(200, { ...headers, "Content-Type": types[".html"] });
      response.end(
        '<!doctype html><html lang="en"><title>blank</title><link rel="icon" href="data:,"></html>',
      );
    } else response.writeHead(404, headers).end();
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
