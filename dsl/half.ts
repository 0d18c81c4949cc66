/** IEEE 754 half floats as their 16 bits: 1 of sign, 5 of exponent, 10 of fraction. */

/** The largest of them. */
export const mostHalf = 65_504;

/** The nearest whole number, halves to the even one, for 0 ≤ x < 2⁵²: float64 holds no fractions beyond. */
const toEven = (x: number): number => x + 2 ** 52 - 2 ** 52;

const word = new DataView(new ArrayBuffer(4));
/** e with 2ᵉ ≤ x < 2ᵉ⁺¹, for a positive normal float32. */
function exponentOf(x: number): number {
  word.setFloat32(0, x);
  return (word.getUint32(0) >>> 23) - 127;
}

/** The half nearest to a float32 from −65,504 to 65,504, ties to the even one; the sign of 0 is kept. */
export function toHalf(x: number): number {
  const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
  const size = Math.abs(x);
  // Below 2⁻¹⁴ they are 2⁻²⁴ apart. A fraction that is rounded up to the next power of two carries into the exponent.
  if (size < 2 ** -14) return sign + toEven(size * 2 ** 24);
  const exponent = exponentOf(size);
  return sign + (exponent + 14) * 1024 + toEven(size / 2 ** (exponent - 10));
}

/** The distance of two neighbours, by exponent: raising to a power would take longer than all else. */
const steps = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The number that these bits are. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction : 1024 + fraction) * (steps[exponent] as number);
}
