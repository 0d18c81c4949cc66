/** Typed arrays that hold the numbers of a net: float32 for `real` ports, int32 for `integer` ports. */
export type Data = Float32Array | Int32Array;

/** `{ shape, dtype, data }`, row-major; across the public API the batch axis comes first. */
export interface NDArray {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
  readonly data: Data;
}

/** The number of elements of a shape; 1 for a scalar. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
