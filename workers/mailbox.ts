/**
 * A box between a writer who never waits and a reader who may be slow: letters that nobody has read yet are merged,
 * so that the reader always gets the latest and the writer is never held back.
 */
export class Mailbox<T> {
  readonly #merge: (unread: readonly T[]) => T;
  #unread: T[] = [];
  #waiting: ((letter: T | null) => void)[] = [];
  #closed = false;

  /** `merge` makes one letter of all those that came since the last was read, oldest first. */
  constructor(merge: (unread: readonly T[]) => T) {
    this.#merge = merge;
  }

  put(letter: T): void {
    this.#unread.push(letter);
    if (this.#waiting.length > 0) this.#deliver(this.#takeUnread());
  }

  /** The unread letter, now or when it comes; `null` once the box is closed. All who wait get the same. */
  take(): Promise<T | null> {
    if (this.#closed || this.#unread.length > 0) return Promise.resolve(this.#takeUnread());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** No more letters come. Gives the one that is still unread, or `null`; those who wait get `null`. */
  close(): T | null {
    this.#closed = true;
    this.#deliver(null);
    return this.#takeUnread();
  }

  #takeUnread(): T | null {
    const unread = this.#unread.splice(0);
    return unread.length > 0 ? this.#merge(unread) : null;
  }

  #deliver(letter: T | null): void {
    for (const resolve of this.#waiting.splice(0)) resolve(letter);
  }
}
