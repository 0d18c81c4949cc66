/** The GPU: its device, the pipelines made on it, and what became of it. */

/** The layout that all programs have: a program's memory, the states, and a block of parameters. */
const bindings: GPUBindGroupLayoutEntry[] = [
  { binding: 0, visibility: 4, buffer: { type: "storage" } },
  { binding: 1, visibility: 4, buffer: { type: "storage" } },
  { binding: 2, visibility: 4, buffer: { type: "uniform", hasDynamicOffset: true } },
];

/** One device of this thread. Pipelines are kept by their text, so that programs share them. */
export class Gpu {
  readonly layout: GPUBindGroupLayout;
  readonly #pipelineLayout: GPUPipelineLayout;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  #fault: string | undefined;

  private constructor(readonly device: GPUDevice) {
    this.layout = device.createBindGroupLayout({ entries: bindings });
    this.#pipelineLayout = device.createPipelineLayout({ bindGroupLayouts: [this.layout] });
    device.lost.then(({ message }) => {
      this.#fault = `the browser has taken the GPU's device away: ${message || "it says no more"}`;
    });
    device.onuncapturederror = ({ error }) => {
      this.#fault ??= `the GPU's device refuses its work: ${error.message}`;
    };
  }

  /** Errors: a browser without WebGPU, or one that has no adapter. */
  static async open(): Promise<Gpu> {
    const gpu = globalThis.navigator?.gpu;
    if (!gpu) throw new Error("webgpu: this browser has no WebGPU");
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) throw new Error("webgpu: this browser has no adapter for WebGPU");
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
    return new Gpu(
      await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } }),
    );
  }

  /** False once the device is lost or has refused something. */
  get works(): boolean {
    return this.#fault === undefined;
  }
  /** Throws, in words, where the device is lost or has refused something. */
  check(): void {
    if (this.#fault !== undefined) throw new Error(`webgpu: ${this.#fault}`);
  }

  pipeline(code: string): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(code);
    if (known) return known;
    const made = this.#compile(code);
    this.#pipelines.set(code, made);
    return made;
  }

  async #compile(code: string): Promise<GPUComputePipeline> {
    this.device.pushErrorScope("validation");
    const module = this.device.createShaderModule({ code });
    const fault = await this.device.popErrorScope();
    if (fault) throw new Error(fault.message);
    return this.device.createComputePipelineAsync({
      layout: this.#pipelineLayout,
      compute: { module, entryPoint: "main" },
    });
  }

  /** A buffer of zeros. Error: a RangeError where the device cannot have one so large. */
  async buffer(words: number, usage: GPUBufferUsageFlags, what: string): Promise<GPUBuffer> {
    this.check();
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    const bytes = Math.max(256, 4 * words);
    const fault = `webgpu: this device takes buffers of ${most} bytes at most, less where its memory is full, but receives ${what} of ${bytes} bytes`;
    if (bytes > most) throw new RangeError(fault);
    this.device.pushErrorScope("out-of-memory");
    const buffer = this.device.createBuffer({ size: bytes, usage });
    const error = await this.device.popErrorScope();
    this.check();
    if (error) throw new RangeError(fault);
    return buffer;
  }
}

let opened: Promise<Gpu> | undefined;

/** The device of this thread, a new one where the last is lost. */
export async function gpu(): Promise<Gpu> {
  const last = await opened?.catch(() => undefined);
  if (last?.works) return last;
  opened = Gpu.open();
  return opened;
}
