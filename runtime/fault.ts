import type { Net } from "../dsl/net.js";
import type { BackendName, Executable } from "./backends/backend.js";
import { loadBackend } from "./backends/load.js";
import { dropDead } from "./optimise/drop.js";
import { simplify } from "./optimise/simplify.js";
import type { Program } from "./program.js";

/** A loss or gradient that is not finite. `net` has the weights of the last good step. */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
  constructor(
    /** The step, counted from 1. */
    readonly step: number,
    /** Path of the node in which the first such number appeared. */
    readonly node: string,
    readonly net: Net,
  ) {
    super(
      `step ${step}: ${node} gives a number that is not finite; training stopped with the weights of the step before`,
    );
  }
}

/**
 * Runs a program once with every value kept, and gives the node of the first operation whose output is not finite.
 * `write` sets its inputs and states.
 */
export async function findFault(
  program: Program,
  backend: BackendName,
  write: (executable: Executable) => void,
): Promise<string | undefined> {
  // What nothing depends on may well be infinite: it goes first.
  const needed = dropDead(simplify(program));
  const names = needed.ops.flatMap((op, i) =>
    op.outputs.flatMap((id) =>
      program.values[id]?.dtype === "float32" ? [[`${i}`, id, op.node] as const] : [],
    ),
  );
  const outputs = Object.fromEntries(names.map(([name, id]) => [name, id]));
  const executable = await (await loadBackend(backend)).prepare({ ...needed, outputs, updates: {} });
  try {
    write(executable);
    executable.run();
    for (const [name, , node] of names)
      if (!(await executable.read(name)).every(Number.isFinite)) return node;
    return undefined;
  } finally {
    executable.dispose();
  }
}
