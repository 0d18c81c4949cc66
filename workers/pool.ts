/** Long-lived workers, shared by everything on the page: each session runs on the one that is least busy. */
import { releaseProxy, wrap } from "comlink";
import { carryErrorsWhole } from "./errors.js";
import type { Service } from "./protocol.js";
import { type Spawned, spawn, type WorkerFactory } from "./spawn.js";

/** A session in a worker, and the only way to talk to it. */
export interface Held<S> {
  /** Calls the session. Rejects, like every call under way, when its worker dies. */
  call<T>(ask: (session: S) => Promise<T>): Promise<T>;
  /** Lets go of the session once the calls under way have come back. */
  release(): void;
}

const members = new Set<Member>();
let factory: WorkerFactory | undefined;

/** At least two, so that one can draw samples while another trains; no more than four. */
const size = (): number => Math.min(4, Math.max(2, globalThis.navigator?.hardwareConcurrency ?? 2));

/** From now on `make` makes the workers, for pages whose bundler or policy needs its own way; `undefined`: the usual way. */
export function setWorkerFactory(make: WorkerFactory | undefined): void {
  closeWorkers();
  factory = make;
}

/** Ends all workers; what they were doing rejects. The next session starts a new one. */
export function closeWorkers(): void {
  for (const member of members) member.die("was closed");
}

class Member {
  readonly service: Promise<Service>;
  /** One entry for each session. Its proxy stays referenced here, for a collected proxy drops the calls under way. */
  readonly #sessions = new Set<{ session?: unknown }>();
  readonly #pending = new Set<(error: Error) => void>();
  #dead: Error | undefined;
  #spawned: Spawned | undefined;

  constructor() {
    carryErrorsWhole();
    members.add(this);
    this.service = spawn(factory, (why) => this.die(why)).then((spawned) => {
      this.#spawned = spawned;
      if (this.#dead) spawned.terminate();
      spawned.hold(this.load > 0);
      return wrap(spawned.endpoint) as unknown as Service;
    });
    this.service.catch((error: Error) => this.die(error.message));
  }

  get load(): number {
    return this.#sessions.size;
  }

  enter(): { session?: unknown } {
    const entry = {};
    this.#sessions.add(entry);
    this.#spawned?.hold(true);
    return entry;
  }

  leave(entry: { session?: unknown }): void {
    this.#sessions.delete(entry);
    this.#spawned?.hold(this.load > 0);
  }

  /** The answer, or the reason why none can come any more: comlink itself would wait for ever. */
  guard<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return reject(this.#dead);
      this.#pending.add(reject);
      answer.then(resolve, reject).finally(() => this.#pending.delete(reject));
    });
  }

  die(why: string): void {
    if (this.#dead) return;
    this.#dead = new Error(`worker: a session takes a live worker but receives one that ${why}`);
    this.#dead.name = "WorkerError";
    members.delete(this);
    this.#spawned?.terminate();
    for (const reject of this.#pending) reject(this.#dead);
  }
}

/** Starts a worker where there is none, so that the first session need not wait for one. */
export function readyWorker(): void {
  if (members.size === 0) new Member();
}

/** The n least busy workers, all different; new ones where there are fewer, or where all are busy and there may be more. */
function idlest(n: number): readonly Member[] {
  const most = Math.max(n, size());
  const queue = [...members].sort((a, b) => a.load - b.load);
  return Array.from({ length: n }, () => {
    const next = queue[0];
    if (!next || (next.load > 0 && members.size < most)) return new Member();
    queue.shift();
    return next;
  });
}

/** A place for a session in a worker. */
export interface Seat {
  /** Starts the session. Rejects where the worker cannot be loaded or refuses to start it. */
  open<S>(start: (service: Service) => Promise<S>): Promise<Held<S>>;
  /** Asks for one thing, and gives the place up. */
  ask<T>(question: (service: Service) => Promise<T>): Promise<T>;
}

/** Places in as many different workers, the least busy ones, which are taken at once. */
export function seats(n: number): readonly Seat[] {
  return idlest(n).map((member) => {
    const entry = member.enter();
    return {
      open: (start) => openOn(member, entry, start),
      async ask(question) {
        try {
          const service = await member.guard(member.service);
          return await member.guard(question(service));
        } finally {
          member.leave(entry);
        }
      },
    };
  });
}

/** A place in the least busy worker. */
export const seat = (): Seat => seats(1)[0] as Seat;

/** Starts a session on the least busy worker. */
export const open = <S>(start: (service: Service) => Promise<S>): Promise<Held<S>> => seat().open(start);

async function openOn<S>(
  member: Member,
  entry: ReturnType<Member["enter"]>,
  start: (service: Service) => Promise<S>,
): Promise<Held<S>> {
  try {
    const service = await member.guard(member.service);
    const session = await member.guard(start(service));
    entry.session = session;
    const calls = new Set<Promise<unknown>>();
    return {
      call(ask) {
        const answer = member.guard(ask(session));
        calls.add(answer);
        const done = () => calls.delete(answer);
        answer.then(done, done);
        return answer;
      },
      release() {
        // a proxy that is released with a call under way never answers it
        Promise.allSettled(calls).then(() => {
          (session as S & { [releaseProxy](): void })[releaseProxy]();
          member.leave(entry);
        });
      },
    };
  } catch (error) {
    member.leave(entry);
    throw error;
  }
}
