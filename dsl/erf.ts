/**
 * erf(x) = 2/√π ∫₀ˣ e^(−s²) ds, to about 10⁻¹⁵.
 * For |x| < 6 the series 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all of whose terms have one sign
 * (Abramowitz & Stegun 7.1.6); beyond, 1 − |erf x| is below 2·10⁻¹⁷.
 */
export function erf(x: number): number {
  if (Math.abs(x) >= 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
