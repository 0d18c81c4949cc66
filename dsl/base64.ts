/** Typed arrays as base64 of their little-endian bytes: every bit comes back. */
import type { Data, NDArray } from "./array.js";

type DType = NDArray["dtype"];

export function encodeData(data: Data): string {
  const view = new DataView(new ArrayBuffer(4 * data.length));
  if (data instanceof Int32Array)
    data.forEach((value, i) => {
      view.setInt32(4 * i, value, true);
    });
  else
    data.forEach((value, i) => {
      view.setFloat32(4 * i, value, true);
    });
  const bytes = new Uint8Array(view.buffer);
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/** Null where the text is not base64 of whole numbers of four bytes. */
export function decodeData(text: string, dtype: DType): Data | null {
  let bytes: string;
  try {
    bytes = atob(text);
  } catch {
    return null;
  }
  if (bytes.length % 4 !== 0) return null;
  const view = new DataView(new ArrayBuffer(bytes.length));
  for (let i = 0; i < bytes.length; i++) view.setUint8(i, bytes.charCodeAt(i));
  const count = bytes.length / 4;
  return dtype === "int32"
    ? Int32Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true))
    : Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
}
