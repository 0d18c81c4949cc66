/**
 * The `webgpu` backend: generated WGSL over one buffer in which every value has its place, and one for the states. A
 * run is one command buffer of the same dispatches; nothing is computed in JavaScript, and nothing comes back but what
 * is read.
 */
import { type Data, sizeOf } from "../../../dsl/array.js";
import { hint } from "../../../dsl/message.js";
import type { Program, Value, ValueId } from "../../program.js";
import type { Backend, Executable } from "../backend.js";
import { type Gpu, gpu } from "./device.js";
import { emit, type Task } from "./emit.js";
import { composites } from "./lowerings.js";
import { States, storage } from "./states.js";
import type { Place } from "./views.js";

/** Runs where the browser has an adapter. */
export const webgpu: Backend = {
  name: "webgpu",
  composites,
  epilogues: true,
  prepare: (program, { share } = {}) => WebgpuExecutable.prepare(program, share),
};

/** GPUBufferUsage: UNIFORM and COPY_DST; MAP_READ and COPY_DST. */
const uniform = 0x40 | 0x8;
const staging = 0x1 | 0x8;
const mapRead = 1;
/** Offsets of parameter blocks are multiples of this on every device. */
const blockBytes = 256;

/** One dispatch: its pipeline, where its block of parameters begins, in bytes, and its workgroups. */
interface Step {
  readonly pipeline: GPUComputePipeline;
  readonly groups: Task["groups"];
}

/** A value that is written or read by name. */
interface Port {
  readonly place: Place;
  readonly value: Value;
}

interface Parts {
  readonly states: States;
  readonly memory: GPUBuffer;
  readonly parameters: GPUBuffer;
  /** The size of the largest block of parameters. */
  readonly blockSize: number;
  readonly offsets: Uint32Array<ArrayBuffer>;
  readonly steps: readonly Step[];
  readonly ports: Readonly<Record<"write" | "read", ReadonlyMap<string, Port>>>;
  readonly bytes: { readonly bytes: number; readonly unsharedBytes: number };
}

class WebgpuExecutable implements Executable {
  #parts: Parts | undefined;
  /** The buffers as the programs see them, and the buffer of states that it was made with. */
  #group: { readonly states: GPUBuffer; readonly group: GPUBindGroup } | undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async prepare(program: Program, share: Executable | undefined): Promise<WebgpuExecutable> {
    if (share && !(share instanceof WebgpuExecutable))
      throw new TypeError("webgpu: share takes an executable of this backend but receives another's");
    const states = share ? share.#alive().states : new States(await gpu());
    const { gpu: device } = states;
    device.check();
    const shared = states.bytes;
    await states.open(program);
    const buffers: GPUBuffer[] = [];
    try {
      const { tasks, places, words, unsharedBytes } = emit(program, states.places);
      const steps = Promise.all(tasks.map((task) => stepOf(device, task)));
      const { data, offsets, blockSize } = blocksOf(tasks);
      steps.catch(() => {});
      const memory = await device.buffer(words, storage, "a program");
      buffers.push(memory);
      const parameters = await device.buffer(data.length, uniform, "parameters");
      buffers.push(parameters);
      device.device.queue.writeBuffer(parameters, 0, data);
      const port = (id: ValueId): Port => ({
        place: places[id] as Place,
        value: program.values[id] as Value,
      });
      const named = (names: Readonly<Record<string, ValueId>>): Map<string, Port> =>
        new Map(Object.entries(names).map(([name, id]) => [name, port(id)]));
      const executable = new WebgpuExecutable({
        states,
        memory,
        parameters,
        blockSize,
        offsets,
        steps: await steps,
        ports: {
          write: named({ ...program.inputs, ...program.state }),
          read: named({ ...program.state, ...program.outputs }),
        },
        bytes: { bytes: memory.size + states.bytes - shared, unsharedBytes },
      });
      for (const [id, numbers] of program.constants) executable.#set(port(id), numbers);
      return executable;
    } catch (error) {
      for (const buffer of buffers) buffer.destroy();
      states.close();
      throw error;
    }
  }

  write(name: string, data: Data): void {
    const port = this.#find("write", name);
    const { dtype, shape } = port.value;
    const wanted = `${arrays[dtype].name} of ${sizeOf(shape)}`;
    const given = `${data.constructor.name} of ${data.length}`;
    if (wanted !== given)
      throw new TypeError(`webgpu.write: ${name} takes a ${wanted} but receives a ${given}`);
    this.#set(port, data);
  }

  run(): void {
    const { states, steps, offsets } = this.#alive();
    const { device } = states.gpu;
    const group = this.#bind();
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let last: GPUComputePipeline | undefined;
    for (let i = 0; i < steps.length; i++) {
      const { pipeline, groups } = steps[i] as Step;
      if (pipeline !== last) pass.setPipeline(pipeline);
      last = pipeline;
      pass.setBindGroup(0, group, offsets, i, 1);
      pass.dispatchWorkgroups(groups[0], groups[1], groups[2]);
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  async read(name: string): Promise<Data> {
    const { place, value } = this.#find("read", name);
    const { gpu } = this.#alive().states;
    const Numbers = arrays[value.dtype];
    const bytes = 4 * sizeOf(value.shape);
    if (bytes === 0) return new Numbers(0);
    const { device } = gpu;
    const copy = device.createBuffer({ size: bytes, usage: staging });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#bufferOf(place), 4 * place.at, copy, 0, bytes);
    device.queue.submit([encoder.finish()]);
    try {
      await copy.mapAsync(mapRead);
    } catch (error) {
      await Promise.race([device.lost, device.queue.onSubmittedWorkDone()]);
      gpu.check();
      throw new Error(`webgpu.read: ${name} cannot be read: ${(error as Error).message}`);
    }
    const data = new Numbers(copy.getMappedRange()).slice();
    copy.destroy();
    gpu.check();
    return data;
  }

  get memory(): Parts["bytes"] {
    return this.#alive().bytes;
  }

  get liveBuffers(): number {
    return this.#parts ? 3 : 0;
  }

  dispose(): void {
    this.#parts?.memory.destroy();
    this.#parts?.parameters.destroy();
    this.#parts?.states.close();
    this.#parts = undefined;
    this.#group = undefined;
  }

  #alive(): Parts {
    if (!this.#parts) throw new Error("webgpu: an executable takes no calls once it is disposed");
    this.#parts.states.gpu.check();
    return this.#parts;
  }

  #find(where: "write" | "read", name: string): Port {
    const ports = this.#alive().ports[where];
    const port = ports.get(name);
    if (port) return port;
    const names = [...ports.keys()];
    throw new RangeError(
      `webgpu.${where}: the program takes ${names.join(", ")} but receives ${name}${hint(name, names)}`,
    );
  }

  #bufferOf({ space }: Place): GPUBuffer {
    const { states, memory } = this.#alive();
    return space === "states" ? states.buffer : memory;
  }

  #set({ place }: Port, data: Data): void {
    const { queue } = this.#alive().states.gpu.device;
    queue.writeBuffer(this.#bufferOf(place), 4 * place.at, data as Data & Uint8Array<ArrayBuffer>);
  }

  #bind(): GPUBindGroup {
    const { states, memory, parameters, blockSize } = this.#alive();
    if (this.#group?.states === states.buffer) return this.#group.group;
    const { device, layout } = states.gpu;
    const group = device.createBindGroup({
      layout,
      entries: [
        { binding: 0, resource: { buffer: memory } },
        { binding: 1, resource: { buffer: states.buffer } },
        { binding: 2, resource: { buffer: parameters, size: blockSize } },
      ],
    });
    this.#group = { states: states.buffer, group };
    return group;
  }
}

const arrays = { float32: Float32Array, int32: Int32Array };

/** Error: a program that the device cannot have, with the node that it is for. */
async function stepOf(device: Gpu, { code, groups, node }: Task): Promise<Step> {
  try {
    return { pipeline: await device.pipeline(code), groups };
  } catch (error) {
    device.check();
    throw new Error(`webgpu: ${node}: ${(error as Error).message}`);
  }
}

/** All blocks of parameters one after another, each at a multiple of `blockBytes`; offsets and sizes in bytes. */
function blocksOf(tasks: readonly Task[]): {
  data: Int32Array<ArrayBuffer>;
  offsets: Uint32Array<ArrayBuffer>;
  blockSize: number;
} {
  const sizes = tasks.map(({ params }) => Math.ceil((4 * params.length) / blockBytes) * blockBytes);
  const offsets = new Uint32Array(tasks.length);
  let end = 0;
  sizes.forEach((size, i) => {
    offsets[i] = end;
    end += size;
  });
  const blockSize = Math.max(blockBytes, ...sizes);
  const data = new Int32Array((end + blockSize) / 4);
  tasks.forEach(({ params }, i) => {
    data.set(params, (offsets[i] as number) / 4);
  });
  return { data, offsets, blockSize };
}
