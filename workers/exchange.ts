/**
 * How replicas in several workers add up what they have computed. Each has a port to the first of them, over which
 * they tell one another how far they are; the numbers themselves lie in shared memory where that is allowed, and
 * travel with the messages where it is not. Both ways add up the same numbers in the same order.
 */
import type { Agreement, Replica } from "../runtime/replica.js";

/** From the first replica: at the start what is agreed, later that all parts are there. */
type Down =
  | { readonly agreement: Agreement; readonly shared: SharedArrayBuffer | null }
  | { readonly sum: ArrayBuffer | null };
/** From another replica: its part is there. */
interface Up {
  readonly part: ArrayBuffer | null;
}

/** A replica, and how its work ends. */
export interface Exchange extends Replica {
  /** Says to the others that no more sums follow; what waits here rejects with `reason`. */
  close(reason?: Error): void;
}

/** Whether workers may share memory: in a page that is cross-origin isolated, and in Node. */
const mayShareMemory = (): boolean =>
  typeof SharedArrayBuffer === "function" && globalThis.crossOriginIsolated !== false;

/** The error of one who waits for a replica that has come to its end. */
export class ExchangeClosed extends Error {
  override readonly name = "ExchangeClosed";
}

/** Element by element p₀ + p₁ + … of two parts or more, rounded to float32 after each addition. */
export function addUp([first, second, ...others]: readonly Float32Array[], into: Float32Array): Float32Array {
  addPair(first as Float32Array, second as Float32Array, into);
  for (const part of others) addPair(into, part, into);
  return into;
}

function addPair(a: Float32Array, b: Float32Array, into: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (a[i] as number) + (b[i] as number);
}

/**
 * A place in shared memory for each replica's part, twice: whoever writes the part of the next sum leaves those alone
 * that others may still be adding up.
 */
class SharedParts {
  readonly #parts: readonly Float32Array[][];
  readonly #sum: Float32Array;
  #turn = 0;

  constructor(buffer: SharedArrayBuffer, count: number, length: number) {
    this.#parts = [0, 1].map((turn) =>
      Array.from(
        { length: count },
        (_, i) => new Float32Array(buffer, 4 * length * (turn * count + i), length),
      ),
    );
    this.#sum = new Float32Array(length);
  }
  static bytes = (count: number, length: number): number => 2 * 4 * count * length;

  part(index: number): Float32Array {
    return this.#parts[this.#turn]?.[index] as Float32Array;
  }
  add(): Float32Array {
    const parts = this.#parts[this.#turn] as readonly Float32Array[];
    this.#turn = 1 - this.#turn;
    return addUp(parts, this.#sum);
  }
}

/** Messages of a port in the order in which they come; who waits rejects once it is closed. */
class Inbox<T> {
  readonly #port: MessagePort;
  readonly #letters: T[] = [];
  #waiting: { resolve(letter: T): void; reject(error: Error): void } | undefined;
  #closed: Error | undefined;

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }) => {
      if (data === null) this.close(new ExchangeClosed("the first replica has come to its end"));
      else if (this.#waiting) {
        const { resolve } = this.#waiting;
        this.#waiting = undefined;
        resolve(data);
      } else this.#letters.push(data);
    };
  }

  take(): Promise<T> {
    const letter = this.#letters.shift();
    if (letter !== undefined) return Promise.resolve(letter);
    if (this.#closed) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }
  send(message: unknown, transferred: ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transferred);
  }
  close(error: Error): void {
    this.#closed ??= error;
    this.#waiting?.reject(this.#closed);
    this.#waiting = undefined;
    this.#port.close();
  }
}

const ended = (): Error => new ExchangeClosed("the run has come to its end");

/** The first replica, with a port to each of the others in their order. `share`: in memory that all share. */
export class FirstReplica implements Exchange {
  readonly index = 0;
  readonly count: number;
  readonly #others: readonly Inbox<Up>[];
  readonly #share: boolean;
  #shared: SharedParts | undefined;
  #own = new Float32Array(0);

  constructor(ports: readonly MessagePort[], share = mayShareMemory()) {
    this.count = ports.length + 1;
    this.#others = ports.map((port) => new Inbox<Up>(port));
    this.#share = share;
  }

  agree(agreement: Agreement): void {
    const { length } = agreement;
    const shared = this.#share ? new SharedArrayBuffer(SharedParts.bytes(this.count, length)) : null;
    if (shared) this.#shared = new SharedParts(shared, this.count, length);
    else this.#own = new Float32Array(length);
    for (const other of this.#others) other.send({ agreement, shared } satisfies Down);
  }
  part(): Float32Array {
    return this.#shared?.part(0) ?? this.#own;
  }
  async sum(): Promise<Float32Array> {
    const parts = await Promise.all(this.#others.map((other) => other.take()));
    if (this.#shared) {
      for (const other of this.#others) other.send({ sum: null } satisfies Down);
      return this.#shared.add();
    }
    const buffers = parts.map(({ part }) => part as ArrayBuffer);
    const sum = addUp([this.#own, ...buffers.map((buffer) => new Float32Array(buffer))], this.#own);
    // Each gets the sum in the memory in which it sent its part.
    this.#others.forEach((other, i) => {
      const buffer = buffers[i] as ArrayBuffer;
      new Float32Array(buffer).set(sum);
      other.send({ sum: buffer } satisfies Down, [buffer]);
    });
    return sum;
  }
  close(reason = ended()): void {
    for (const other of this.#others) {
      other.send(null);
      other.close(reason);
    }
  }
}

/** Another replica, with its port to the first. */
export class OtherReplica implements Exchange {
  readonly index: number;
  readonly count: number;
  readonly #first: Inbox<Down>;
  #shared: SharedParts | undefined;
  #own = new ArrayBuffer(0);

  constructor(port: MessagePort, index: number, count: number) {
    this.index = index;
    this.count = count;
    this.#first = new Inbox<Down>(port);
  }

  /** What the first replica has settled, once it is ready. */
  async agreed(): Promise<Agreement> {
    const { agreement, shared } = (await this.#first.take()) as Extract<Down, { agreement: unknown }>;
    const { length } = agreement;
    if (shared) this.#shared = new SharedParts(shared, this.count, length);
    else this.#own = new ArrayBuffer(4 * length);
    return agreement;
  }
  agree(): void {}
  part(): Float32Array {
    return this.#shared?.part(this.index) ?? new Float32Array(this.#own);
  }
  async sum(): Promise<Float32Array> {
    if (this.#shared) this.#first.send({ part: null } satisfies Up);
    else this.#first.send({ part: this.#own } satisfies Up, [this.#own]);
    const { sum } = (await this.#first.take()) as Extract<Down, { sum: unknown }>;
    if (this.#shared) return this.#shared.add();
    this.#own = sum as ArrayBuffer;
    return new Float32Array(this.#own);
  }
  close(reason = ended()): void {
    this.#first.close(reason);
  }
}
