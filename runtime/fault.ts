import type { Net } from "../dsl/net.js";
import type { BackendName, Executable } from "./backends/backend.js";
import { loadBackend } from "./backends/load.js";
import { dropDead } from "./optimise/drop.js";
import { expandComposites } from "./optimise/expand.js";
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
 * Runs a program with every value kept, once for each of `writes`, which set its inputs and states, and gives the node
 * of the first operation whose output is not finite.
 */
export async function findFault(
  program: Program,
  backend: BackendName,
  writes: readonly ((executable: Executable) => void)[],
): Promise<string | undefined> {
  const target = await loadBackend(backend);
  // What nothing depends on may well be infinite: it goes first.
  const needed = dropDead(simplify(expandComposites(program, target.composites)));
  const names = needed.ops.flatMap((op, i) =>
    op.outputs.flatMap((id) =>
      needed.values[id]?.dtype === "float32" ? [[`${i}.${id}`, id, op.node] as const] : [],
    ),
  );
  const outputs = Object.fromEntries(names.map(([name, id]) => [name, id]));
  const executable = await target.prepare({ ...needed, outputs, updates: {} });
  try {
    for (const write of writes) {
      write(executable);
      executable.run();
      for (const [name, , node] of names)
        if (!(await executable.read(name)).every(Number.isFinite)) return node;
    }
    return undefined;
  } finally {
    executable.dispose();
  }
}
