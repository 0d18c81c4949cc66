import { type NDArray, sizeOf } from "../dsl/array.js";
import { inferShapes } from "../dsl/infer.js";
import { hint } from "../dsl/message.js";
import type { Net, PortType } from "../dsl/net.js";
import type { Backend, BackendName, Executable, PrepareOptions } from "./backends/backend.js";
import { loadBackend } from "./backends/load.js";
import { ProgramBuilder } from "./builder.js";
import { lower } from "./lower/lower.js";
import { optimise } from "./optimise/index.js";
import { checkProgram } from "./primitives.js";
import type { Program, ValueId } from "./program.js";
import { changedVector, declareWeights, type Layout, layoutOf, pack } from "./weights.js";

/** The program input that holds the key of random arrays of so many numbers an example; `#` begins no port's name. */
const keyName = (numbers: number): string => `#key${numbers}`;

/** Sets the keys of a program for a step, and for a batch that begins with example `first` of a larger one. */
export function writeKeys(
  target: Executable,
  { inputs }: Pick<Program, "inputs">,
  seed: number,
  step: number,
  first = 0,
): void {
  for (const name of Object.keys(inputs))
    if (name.startsWith("#key")) target.write(name, Int32Array.of(seed, step, first * Number(name.slice(4))));
}

/** A net lowered into a program of its own: inputs by port, weights as state, a key. */
export interface Lowering {
  readonly b: ProgramBuilder;
  readonly layout: Layout;
  readonly weights: ReadonlyMap<string, ValueId>;
  /** The value of an output port or of an interior `"node.port"`. */
  value(name: string): ValueId;
  /** Everything that `value` knows: ports, then what is inside by `path` and `path.port`. */
  readonly names: readonly string[];
  readonly outputs: Readonly<Record<string, ValueId>>;
  /** What the vector of statistics becomes in a step of training, where something gathers any. */
  readonly statistics?: ValueId;
}

/** How a net is lowered by itself. */
export interface LowerNetOptions {
  readonly batch: number;
  readonly mode: "train" | "evaluate";
  /** Types of the input ports that the net leaves open. */
  readonly given?: Readonly<Record<string, PortType>>;
  /** The value of an input port; by default it is an input of the program. */
  readonly input?: (b: ProgramBuilder, name: string, type: PortType) => ValueId;
}

/** Begins a program with a net in it. */
export function lowerNet(net: Net, { batch, mode, given = {}, input }: LowerNetOptions): Lowering {
  const shapes = inferShapes(net, given);
  const b = new ProgramBuilder();
  const key = (numbers: number): ValueId => b.input(keyName(numbers), [3], "int32");
  const layout = layoutOf(net, given);
  const weights = declareWeights(b, layout);
  const make =
    input ??
    ((_: ProgramBuilder, name: string, { shape, dtype }: PortType) =>
      b.input(name, [batch, ...(shape as readonly number[])], dtype === "integer" ? "int32" : "float32"));
  const ports = Object.fromEntries(
    Object.entries(shapes[""]?.inputs ?? {}).map(([name, type]) => [name, make(b, name, type)]),
  );
  const parameter = (path: string): ValueId => weights.get(path) as ValueId;
  const changed = new Map<string, ValueId>();
  const update = (path: string, next: (old: ValueId) => ValueId): void => {
    changed.set(path, next(changed.get(path) ?? parameter(path)));
  };
  const { outputs, interior } = lower(b, net, ports, { shapes, batch, mode, key, parameter, update });
  const value = (name: string): ValueId => {
    const id = outputs[name] ?? interior.get(name) ?? ports[name];
    if (id === undefined)
      throw new Error(
        `of: the net has no value "${name}"${hint(name, [...Object.keys(outputs), ...interior.keys()])}`,
      );
    return id;
  };
  const names = [...new Set([...Object.keys(ports), ...interior.keys(), ...Object.keys(outputs)])];
  const lowered = { b, layout, weights, value, names, outputs };
  if (changed.size === 0) return lowered;
  b.node = "statistics";
  return { ...lowered, statistics: changedVector(b, layout.statistics, weights, changed) };
}

/** The program as a backend runs it: checked, optimised and checked again. */
export const optimised = (program: Program, backend: Backend): Program =>
  checkProgram(optimise(checkProgram(program), backend));

/** Optimises and checks a program, and prepares it on a backend. */
export async function compile(
  program: Program,
  name: BackendName,
  options?: PrepareOptions,
): Promise<Executable> {
  const backend = await loadBackend(name);
  return backend.prepare(optimised(program, backend), options);
}

/** Sets the weights of a program made by `lowerNet`. */
export function writeWeights(executable: Executable, net: Net, layout: Layout): void {
  for (const name of ["parameters", "frozen", "statistics"] as const)
    if (layout[name].size > 0) executable.write(name, pack(net, layout[name]));
}

/**
 * Prepares a program, hands it over, and disposes of it afterwards, whatever happens.
 */
export async function withExecutable<T>(
  program: Program,
  backend: BackendName,
  use: (executable: Executable) => Promise<T>,
): Promise<T> {
  const executable = await compile(program, backend);
  try {
    return await use(executable);
  } finally {
    executable.dispose();
  }
}

/** Outputs of a program as arrays by name. */
export async function readArrays(
  executable: Executable,
  b: ProgramBuilder,
  names: readonly string[],
): Promise<Record<string, NDArray>> {
  const result: Record<string, NDArray> = {};
  for (const name of names) {
    const { shape, dtype } = b.value(b.outputs[name] as ValueId);
    const data = await executable.read(name);
    if (data.length !== sizeOf(shape))
      throw new Error(`${name}: takes ${sizeOf(shape)} numbers but receives ${data.length}`);
    result[name] = { shape, dtype, data };
  }
  return result;
}
