/** Attributes of an element, read and checked: `<name> takes <want> but receives <got>`. */
import { hint } from "../../dsl/message.js";

/** The value as it stands in messages. */
export const quoted = (value: unknown): string => (typeof value === "string" ? `“${value}”` : String(value));

/** The number, if it fits. Text that is empty is none. */
function number(name: string, value: number | string, want: string, fits: (v: number) => boolean): number {
  const read = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (!fits(read)) throw new Error(`${name} takes ${want} but receives ${quoted(value)}`);
  return read;
}

export const whole = (name: string, value: number | string, least: number, most: number): number =>
  number(
    name,
    value,
    `a whole number from ${least} to ${most}`,
    (v) => Number.isInteger(v) && v >= least && v <= most,
  );

export const positive = (name: string, value: number | string): number =>
  number(name, value, "a positive number", (v) => v > 0 && Number.isFinite(v));

/** `gaussian-mixture`, `Gaussian mixture` and `gaussianMixture` are one word. */
const plain = (word: string): string => word.replaceAll(/[-_ ]/g, "").toLowerCase();

/** The key of `table` that the attribute names; an Error with the nearest where it names none. */
export function keyOf<K extends string>(
  attribute: string,
  word: string,
  table: Readonly<Record<K, unknown>>,
): K {
  const words = Object.keys(table) as K[];
  const found = words.find((key) => plain(key) === plain(String(word)));
  if (found !== undefined) return found;
  const want = words.length === 1 ? words[0] : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
  throw new Error(`${attribute} takes ${want} but receives ${quoted(word)}${hint(String(word), words)}`);
}

/** What `table` has under the word. */
export const choice = <T>(attribute: string, word: string, table: Readonly<Record<string, T>>): T =>
  table[keyOf(attribute, word, table)] as T;

/** A width and a number: `128` is three of 128, `256x4` four of 256. */
export function sizesOf(text: string | number): readonly [width: number, count: number] {
  const [, width = "0", count = "3"] = /^\s*(\d{1,4})(?:\s*[x×]\s*(\d{1,2}))?\s*$/i.exec(String(text)) ?? [];
  return [Number(width), Number(count)];
}
