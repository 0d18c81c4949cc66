/** Typed arrays as base64 of their little-endian bytes: every bit comes back, or that of the nearest half float. */
import type { Data, NDArray } from "./array.js";
import { fromHalf, toHalf } from "./half.js";

/** How numbers lie in the bytes. */
export type Stored = NDArray["dtype"] | "float16";

const formats: {
  readonly [S in Stored]: {
    readonly bytes: number;
    readonly get: (view: DataView, at: number) => number;
    readonly set: (view: DataView, at: number, value: number) => void;
  };
} = {
  float32: {
    bytes: 4,
    get: (view, at) => view.getFloat32(at, true),
    set: (view, at, value) => view.setFloat32(at, value, true),
  },
  int32: {
    bytes: 4,
    get: (view, at) => view.getInt32(at, true),
    set: (view, at, value) => view.setInt32(at, value, true),
  },
  float16: {
    bytes: 2,
    get: (view, at) => fromHalf(view.getUint16(at, true)),
    set: (view, at, value) => view.setUint16(at, toHalf(value), true),
  },
};

/** `float16` takes numbers from −65,504 to 65,504. */
export function encodeData(data: Data, stored: Stored): string {
  const { bytes: each, set } = formats[stored];
  const view = new DataView(new ArrayBuffer(each * data.length));
  data.forEach((value, i) => {
    set(view, each * i, value);
  });
  const bytes = new Uint8Array(view.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Null where the text is not base64 of whole numbers. */
export function decodeData(text: string, stored: Stored): Data | null {
  const { bytes: each, get } = formats[stored];
  let bytes: string;
  try {
    bytes = atob(text);
  } catch {
    return null;
  }
  if (bytes.length % each !== 0) return null;
  const raw = new Uint8Array(bytes.length);
  for (let i = 0; i < raw.length; i++) raw[i] = bytes.charCodeAt(i);
  const view = new DataView(raw.buffer);
  const count = bytes.length / each;
  const data = stored === "int32" ? new Int32Array(count) : new Float32Array(count);
  for (let i = 0; i < count; i++) data[i] = get(view, each * i);
  return data;
}
