/** Where bytes come from: an address, a file that was dropped on the page, a path in Node, or bytes themselves. */

/** A string is a path in Node, an address elsewhere; a URL is an address everywhere. */
export type ByteSource = string | URL | Blob | ArrayBuffer | Uint8Array<ArrayBuffer>;

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Called as bytes arrive; `total` is 0 where it is not known. */
  readonly onProgress?: (loaded: number, total: number) => void;
}

/** The name of a source in messages. */
export const nameOf = (source: ByteSource): string =>
  typeof source === "string"
    ? source
    : source instanceof URL
      ? source.href
      : source instanceof Blob && "name" in source
        ? `${source.name}`
        : "the bytes given";

/** All the bytes of a source, unpacked where they are gzipped. Errors: what cannot be had, or is not whole. */
export async function readBytes(
  source: ByteSource,
  options: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await rawBytes(source, options);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    throw new Error(`${nameOf(source)}: takes a whole gzip file but receives one that breaks off`, { cause });
  }
}

async function rawBytes(source: ByteSource, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (source instanceof Blob) return collect(source.stream(), source.size, options);
  if (typeof source === "string" && isNode()) {
    const { readFile } = await nodeFiles();
    return new Uint8Array(await readFile(source, { signal: options.signal }));
  }
  const response = await fetch(source, { signal: options.signal ?? null });
  if (!response.ok || !response.body)
    throw new Error(`${nameOf(source)}: takes a file but receives ${response.status} ${response.statusText}`);
  return collect(response.body, Number(response.headers.get("content-length") ?? 0), options);
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  total: number,
  { signal, onProgress }: ReadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let loaded = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    signal?.throwIfAborted();
    parts.push(next.value);
    loaded += next.value.length;
    onProgress?.(loaded, total);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const isNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined;

/** Node's files. Their name is put together here, for bundlers that make code for pages would look for the module. */
const nodeFiles = (): Promise<typeof import("node:fs/promises")> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ ["node", "fs/promises"].join(":"));
