/**
 * The sentences of the language's errors. Each is written twice under one name, as a type for the compiler and
 * as a function for run time; a test holds both to the same words.
 */

/** One thing that is wrong, and the path of the node where it is; the net itself has the path "". */
export interface Fault {
  readonly path: string;
  readonly message: string;
  /** Nothing is wrong, but a size is left open, as in a net that is yet to be wired into another. */
  readonly open?: true;
}

/** All that is wrong with a net. Its message lists each fault on a line of its own. */
export class NetError extends Error {
  override readonly name = "NetError";
  constructor(readonly faults: readonly Fault[]) {
    super(faults.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("\n"));
  }
}

/** `plus takes [28, 28, 32] but receives [28, 28, 1]` */
export const takes = <const W extends string, const T extends string, const G extends string>(
  who: W,
  want: T,
  got: G,
): Takes<W, T, G> => `${who} takes ${want} but receives ${got}`;
export type Takes<
  Who extends string,
  Want extends string,
  Got extends string,
> = `${Who} takes ${Want} but receives ${Got}`;

/** An edge into a node that is not there; the name is the fault's path. */
export const noNode = "there is no node of this name";
export type NoNode = typeof noNode;

/** An edge, or an output, from a name that is not there. `to` is `port xt` or `output loss`. */
export const noSource = <const T extends string, const F extends string>(to: T, from: F): NoSource<T, F> =>
  `${to} comes from ${from}, which is no input or node`;
export type NoSource<
  To extends string,
  From extends string,
> = `${To} comes from ${From}, which is no input or node`;

/** A port that nothing leads to. */
export const missing = <const P extends string>(port: P): Missing<P> => `port ${port} receives nothing`;
export type Missing<Port extends string> = `port ${Port} receives nothing`;

/** An edge into a port that is not there. */
export const superfluous = <const P extends string>(port: P): Superfluous<P> => `there is no port ${port}`;
export type Superfluous<Port extends string> = `there is no port ${Port}`;

/** The nearest of `names` by edit distance, if it is near enough to be meant. */
export const nearest = (name: string, names: Iterable<string>): string | undefined => {
  if (name.length > 100) return undefined;
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(name.length / 2)) + 1;
  for (const candidate of names) {
    const d = distance(name, candidate, least);
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
};

/** `; did you mean hidden?`, or nothing. */
export const hint = (name: string, names: Iterable<string>): string => {
  const near = nearest(name, names);
  return near === undefined ? "" : `; did you mean ${near}?`;
};

/** Levenshtein's distance, one row at a time; any number of at least `limit` where it is that far. */
const distance = (a: string, b: string, limit: number): number => {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
};
