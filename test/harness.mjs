/**
 * Runs one bundled test file where it is: in a Node process, in a page or in a worker. uvu hands over its queue
 * (as it does to its own command) instead of running by itself, so that the results come as values, not as text.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, report: string }} Result
 */

const describe = (error) => `${error?.stack ?? error}\n`;

/** @returns {Promise<Result>} */
export async function runFile(url) {
  const stray = [];
  globalThis.process?.on("uncaughtException", (error) => stray.push(describe(error)));
  for (const event of ["error", "unhandledrejection"])
    globalThis.addEventListener?.(event, (e) => {
      e.preventDefault();
      stray.push(describe(e.reason ?? e.error ?? e.message));
    });

  globalThis.UVU_DEFER = 1;
  globalThis.UVU_QUEUE = [[]];
  /** Where `skip` of `skip.ts` notes why. */
  globalThis.SKIPPED = [];
  const result = { passed: 0, failed: 0, skipped: 0, report: "" };
  const fail = (count, text) => {
    result.failed += count;
    result.report += text;
  };

  try {
    await import(url);
  } catch (error) {
    fail(1, `The file throws before its tests: ${describe(error)}`);
  }
  for (const run of globalThis.UVU_QUEUE[0]) {
    const [errors, passed, skipped, total] = await run();
    result.passed += passed;
    result.skipped += skipped;
    if (errors !== true) fail(total - passed, errors);
    else if (passed < total)
      fail(total - passed, "A hook, or a test that throws no Error, ended the suite.\n");
  }
  await new Promise((resolve) => setTimeout(resolve));
  if (stray.length) fail(stray.length, `Errors outside of the tests:\n${stray.join("")}`);
  if (result.passed + result.failed + result.skipped === 0)
    fail(1, "The file runs no test (is `test.run()` missing?).\n");
  result.report += globalThis.SKIPPED.map((why) => `  skipped ${why}\n`).join("");
  return result;
}

if (globalThis.process?.send) {
  process.send(await runFile(process.argv[2]), () => process.exit());
} else if (globalThis.WorkerGlobalScope) {
  globalThis.addEventListener("message", async ({ data }) => globalThis.postMessage(await runFile(data)), {
    once: true,
  });
}
