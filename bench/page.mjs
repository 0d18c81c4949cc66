/** A page of headless Chromium with the benchmark's worker in it. */

/** Opens a page with the worker; `ask(method, ...args)` calls it. */
export async function startWorker(browser, url) {
  const page = await browser.newPage();
  await page.goto(url);
  await page.evaluate(() => {
    const worker = new Worker("/worker.js", { type: "module" });
    globalThis.ask = (message) =>
      new Promise((done, fail) => {
        worker.onmessage = ({ data }) => ("error" in data ? fail(new Error(data.error)) : done(data.value));
        worker.onerror = (event) => fail(new Error(event.message ?? "the worker cannot be loaded"));
        worker.postMessage(message);
      });
  });
  return { ask: (...message) => page.evaluate((m) => globalThis.ask(m), message), close: () => page.close() };
}
