/** The barrier: a function that every thread calls, and that returns when all have. */
import { control } from "./control.js";
import { type Code, type ModuleFunction, instructions as wasm } from "./wasm.js";

/** How often a waiting thread looks before it falls asleep: about 20 µs. */
const looks = 4000;
/** How long it sleeps, in nanoseconds, before it takes the others for dead. */
const patience = 60e9;

/**
 * The last of `threads` to arrive begins the next turn; the others look for it a while, then sleep. Traps where a
 * thread has failed, or does not come within a minute. `address` is that of the control block.
 */
export function writeBarrier(threads: number, address: number): ModuleFunction {
  const [turn, left] = [0, 1];
  const at = (word: keyof typeof control): Code => wasm.i32(address + control[word]);
  const load = (word: keyof typeof control): Code => [...at(word), ...wasm.atomicLoad];
  const add = (word: keyof typeof control, n: number): Code => [
    ...at(word),
    ...wasm.i32(n),
    ...wasm.atomicAdd,
  ];
  const sameTurn: Code = [...load("turn"), ...wasm.get(turn), ...wasm.i32Eq];
  const stopIfFailed: Code = [...load("failed"), ...wasm.if, ...wasm.unreachable, ...wasm.end];
  const lastOne: Code = [
    ...[...at("arrived"), ...wasm.i32(0), ...wasm.atomicStore],
    ...[...add("turn", 1), ...wasm.drop],
    ...[...load("asleep"), ...wasm.if],
    ...[...at("turn"), ...wasm.i32(threads), ...wasm.atomicNotify, ...wasm.drop],
    ...wasm.end,
  ];
  const look: Code = [
    ...[...wasm.i32(looks), ...wasm.set(left)],
    ...[...wasm.loop, ...sameTurn, ...wasm.if],
    ...[...wasm.get(left), ...wasm.i32(1), ...wasm.i32Sub, ...wasm.tee(left), ...wasm.branchIf(1)],
    ...[...wasm.end, ...wasm.end],
  ];
  const sleep: Code = [
    ...[...sameTurn, ...wasm.if, ...add("asleep", 1), ...wasm.drop, ...wasm.loop],
    ...[...at("turn"), ...wasm.get(turn), ...wasm.i64(patience), ...wasm.atomicWait],
    ...[...wasm.i32(timedOut), ...wasm.i32Eq, ...wasm.if, ...wasm.unreachable, ...wasm.end],
    ...[...sameTurn, ...wasm.branchIf(0), ...wasm.end],
    ...[...add("asleep", -1), ...wasm.drop, ...wasm.end],
  ];
  return {
    locals: ["i32", "i32"],
    body: [
      ...[...load("turn"), ...wasm.set(turn), ...stopIfFailed],
      ...[...add("arrived", 1), ...wasm.i32(threads - 1), ...wasm.i32Eq, ...wasm.if],
      ...[...lastOne, ...wasm.else, ...look, ...sleep, ...wasm.end],
      ...stopIfFailed,
    ],
  };
}

/** What `memory.atomic.wait32` gives when nobody woke it. */
const timedOut = 2;
