/** The part of Node's `util` that tfjs-core asks for when it runs in Node: its browser build has none. */
export const { TextEncoder, TextDecoder } = globalThis;
const is = (type) => (value) => value instanceof type;
export const types = {
  isFloat32Array: is(Float32Array),
  isInt32Array: is(Int32Array),
  isUint8Array: is(Uint8Array),
  isUint8ClampedArray: is(Uint8ClampedArray),
};
