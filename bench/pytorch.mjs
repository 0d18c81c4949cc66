/** PyTorch in a process of its own: `pytorch.py`, run by the first Python that has torch. */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

const hasTorch = (python) => spawnSync(python, ["-c", "import torch"], { stdio: "ignore" }).status === 0;
let found;
/** The interpreter that has torch; undefined where none has. */
export const findPython = () => {
  found ??= { python: [process.env.PYTHON, "python3", "/usr/bin/python3"].filter(Boolean).find(hasTorch) };
  return found.python;
};

/** Starts PyTorch on so many threads; `ask(method, ...args)` calls it. */
export async function startPytorch(threads) {
  const child = spawn(findPython(), ["bench/pytorch.py", `${threads}`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.on("error", () => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async () => {
    const { done, value } = await lines.next();
    if (done) throw new Error("pytorch.py ended");
    return JSON.parse(value);
  };
  // Between its turns it stands still: its threads would wait for work by turning, on the cores that others run on.
  const ask = async (...message) => {
    child.kill("SIGCONT");
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const reply = await answer();
    child.kill("SIGSTOP");
    return reply;
  };
  await answer();
  child.kill("SIGSTOP");
  return { ask, close: () => child.kill("SIGKILL") };
}
