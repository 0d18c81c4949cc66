import type { KernelBackend, TensorInfo } from "@tensorflow/tfjs-core";
import { type Data, sizeOf } from "../../../dsl/array.js";
import { sameShape } from "../../builder.js";
import type { Program, Value } from "../../program.js";
import type { Device, Memory } from "./executable.js";

interface Cell {
  tensor: TensorInfo;
  /** The number of executables that have a state of this name. */
  users: number;
}

/**
 * The states of one or several executables on one device, by name. A state lives as long as an executable that
 * declares it, the device as long as any.
 */
export class States<M extends Memory = KernelBackend> {
  readonly device: Device<M>;
  readonly #cells = new Map<string, Cell>();
  #users = 0;

  private constructor(device: Device<M>) {
    this.device = device;
  }

  /** The states to share, or none on a new device. */
  static of<M extends Memory>(make: () => Device<M>, shared: States<M> | undefined): States<M> {
    return shared ?? new States(make());
  }

  /** Takes part in the states of a program; those that are new are zeros. Error: one of another shape or dtype. */
  open({ state, values }: Program): void {
    const declared = Object.entries(state).map(([name, id]) => [name, values[id] as Value] as const);
    for (const [name, value] of declared) {
      const known = this.#cells.get(name)?.tensor;
      if (known && (known.dtype !== value.dtype || !sameShape(known.shape, value.shape)))
        throw new TypeError(
          `${this.device.name}: the shared state ${name} takes ${known.dtype} [${known.shape.join(", ")}] but receives ${value.dtype} [${value.shape.join(", ")}]`,
        );
    }
    this.#users++;
    for (const [name, value] of declared) {
      const cell = this.#cells.get(name) ?? { tensor: this.#zeros(value), users: 0 };
      cell.users++;
      this.#cells.set(name, cell);
    }
  }

  get(name: string): TensorInfo {
    return this.#cell(name).tensor;
  }

  /** Lets the old tensor go, and takes the reference to the new one. */
  set(name: string, { dataId, dtype, shape }: TensorInfo): void {
    const cell = this.#cell(name);
    this.device.backend.disposeData(cell.tensor.dataId);
    cell.tensor = { dataId, dtype, shape };
  }

  /** Ends a program's part. */
  close({ state }: Program): void {
    for (const name of Object.keys(state)) {
      const cell = this.#cell(name);
      if (--cell.users > 0) continue;
      this.device.backend.disposeData(cell.tensor.dataId);
      this.#cells.delete(name);
    }
    if (--this.#users === 0) this.device.dispose();
  }

  #cell(name: string): Cell {
    const cell = this.#cells.get(name);
    if (!cell) throw new RangeError(`${this.device.name}: there is no state ${name}`);
    return cell;
  }

  #zeros({ shape, dtype }: Value): TensorInfo {
    const size = sizeOf(shape);
    const data: Data = dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
    return { dataId: this.device.backend.write(data, [...shape], dtype), shape: [...shape], dtype };
  }
}
