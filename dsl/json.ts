/**
 * Nets as text, and the door through which nets come in. A file is
 * `{ "format": "graffusion", "version": 1, "net": … }`, arrays in it `{ shape, dtype, data }` with the data as
 * base64 of little-endian bytes; float32 arrays may be `stored` as "float16". Nothing that comes from outside is used before it has passed `parseNet` or `fromJSON`.
 */
import * as z from "zod/mini";
import type { NDArray } from "./array.js";
import { encodeData } from "./base64.js";
import { bodyFault } from "./body.js";
import { mostHalf } from "./half.js";
import { checkNet } from "./infer.js";
import { type Fault, NetError } from "./message.js";
import type { Net } from "./net.js";
import { dataFault } from "./parameters.js";
import { anything } from "./ports.js";
import { readAs } from "./read-as.js";
import { heldNet, writtenNet } from "./schema.js";
import { slotsOf } from "./slots.js";
import { isLayer, walk } from "./walk.js";
import { inputsOf } from "./wiring.js";

const version = 1;
/** What may come in: characters of text, values in all, and levels of nesting. */
const limits = { characters: 256_000_000, values: 5_000_000, depth: 450 };

/** How the float32 numbers of a file are stored. */
const precisions = ["float32", "float16"] as const;
export interface ToJSONOptions {
  /**
   * "float16": as the nearest half floats, in half the bytes; they are read as float32 again. An array with a number
   * beyond ±65,504, which no half is near, stays as it is. Default "float32".
   */
  readonly precision?: (typeof precisions)[number];
}

/** The net as text, with its arrays; `fromJSON` gives it back equal to the last bit, unless in half precision. */
export function toJSON(net: Net, { precision = "float32" }: ToJSONOptions = {}): string {
  if (!precisions.includes(precision))
    throw new TypeError(`toJSON: precision takes ${precisions.join(" or ")} but receives ${precision}`);
  const written = ({ shape, dtype, data }: NDArray): object =>
    precision === "float16" && dtype === "float32" && data.every((x) => Math.abs(x) <= mostHalf)
      ? { shape, dtype, stored: precision, data: encodeData(data, precision) }
      : { shape, dtype, data: encodeData(data, dtype) };
  return JSON.stringify({ format: "graffusion", version, net }, (_, value: unknown) =>
    isArray(value) ? written(value) : value,
  );
}

const isArray = (value: unknown): value is NDArray =>
  typeof value === "object" &&
  value !== null &&
  "data" in value &&
  (value.data instanceof Float32Array || value.data instanceof Int32Array);

/**
 * The net of a text that `toJSON` wrote, or of the object that it stands for. Throws a NetError that lists what is
 * wrong and where: no JSON, another version, unknown layers and options, cycles, dangling edges, sizes that do not
 * fit. Sizes may be left open.
 */
export function fromJSON(source: string | object): Net {
  const value = typeof source === "string" ? parsed(source) : source;
  checkExtent(value);
  const file = form(z.looseObject({ format: z.literal("graffusion"), version: z.number() }), value);
  if (file.version !== version)
    throw refusal("version", `takes version ${version} but receives ${file.version}`);
  return sound(
    form(z.strictObject({ format: z.unknown(), version: z.unknown(), net: writtenNet }), value).net,
  );
}

/**
 * A net that comes as a value, such as one in a message to a worker, with typed arrays as they are.
 * Throws as `fromJSON` does.
 */
export function parseNet(value: unknown): Net {
  checkExtent(value);
  return sound(form(heldNet, value));
}

const refusal = (path: string, message: string): NetError => new NetError([{ path, message }]);

function parsed(text: string): unknown {
  if (text.length > limits.characters)
    throw refusal("", `takes at most ${limits.characters} characters but receives ${text.length}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal("", `takes JSON but receives something else: ${(error as Error).message}`);
  }
}

/** Refuses what is too large or too deep to look at, and names that objects cannot safely have. */
function checkExtent(value: unknown): void {
  const stack: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  let count = 0;
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { value: here, depth } = top;
    if (++count > limits.values) throw refusal("", `takes at most ${limits.values} values but receives more`);
    if (depth > limits.depth) throw refusal("", `takes at most ${limits.depth} levels but receives more`);
    if (typeof here !== "object" || here === null || ArrayBuffer.isView(here)) continue;
    if (Object.hasOwn(here, "__proto__")) throw refusal("", "__proto__ cannot be a name");
    for (const inner of Object.values(here)) stack.push({ value: inner, depth: depth + 1 });
  }
}

function form<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const { data, issues } = readAs(schema, value);
  if (data !== undefined) return data;
  const faults = issues.flatMap((issue) =>
    (issue.code === "invalid_key" ? issue.issues : [issue]).map(({ message }) => ({
      path: issue.path.join("."),
      message,
    })),
  );
  throw some(faults);
}

/** The net, if it means something: all its edges lead somewhere, its sizes and arrays fit. */
function sound(net: Net): Net {
  const given = inputsOf(net) === "variadic" ? { 0: anything } : {};
  const faults = checkNet(net, given).faults.filter(({ open }) => !open);
  if (faults.length > 0) throw some(faults);
  const inside = [...walk(net)].flatMap(([path, node]) => insideFaults(path, node));
  const all = [...slotsOf(net).faults, ...inside];
  if (all.length > 0) throw some(all);
  return net;
}

function insideFaults(path: string, net: Net): Fault[] {
  const messages: (string | null)[] = [];
  if (net.op === "fn") messages.push(bodyFault(net.body, net.inputs));
  if (isLayer(net))
    for (const [field, array] of Object.entries(net.arrays ?? {})) messages.push(dataFault(field, array));
  return messages.flatMap((message) => (message === null ? [] : [{ path, message }]));
}

/** At most twenty of them, and how many more there are. */
function some(faults: readonly Fault[]): NetError {
  const more = faults.length - 20;
  return new NetError(
    more > 0 ? [...faults.slice(0, 20), { path: "", message: `and ${more} more` }] : faults,
  );
}
