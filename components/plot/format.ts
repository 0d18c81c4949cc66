/** Numbers as text: true minus signs, groups of three, as many digits as matter. */

/** U+2212, as wide as a digit's plus sign. */
export const minus = "\u2212";

const sign = (text: string): string => text.replace("-", minus);

/** With `digits` decimals: −0.32. */
export const fixed = (value: number, digits: number): string => sign(value.toFixed(digits));

/** Grouped: 30,000. By hand, since the first `toLocaleString` of a page takes it tens of milliseconds. */
export const thousands = (value: number): string =>
  sign(String(Math.round(value))).replace(/\B(?=(\d{3})+$)/g, ",");

/** Three significant digits without an exponent: 0.108, 12.3, 1,230; tiny values as 1.2e−7. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : `${minus}∞`;
  if (size >= 100) return thousands(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(1).replaceAll("-", minus);
  return fixed(
    value,
    size >= 10 ? 1 : size >= 1 || size === 0 ? 2 : Math.min(6, 2 - Math.floor(Math.log10(size))),
  );
}

/** A tick's value: 0.5, 10, 1k, 20k, 5M. */
export function tick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${sign(String(value / 1e6))}M`;
  if (size >= 1e3) return `${sign(String(value / 1e3))}k`;
  return sign(size !== 0 && size < 1e-4 ? value.toExponential() : String(Number(value.toPrecision(6))));
}

/** Seconds as minutes: 0:56, 12:03. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A share of one, finer near its ends: 99.99 %, 98.9 %, 28 %, 0.6 %, 0 %. */
export function percent(share: number): string {
  const value = share * 100;
  const text =
    value > 99.95 && value < 100
      ? Math.min(99.99, value).toFixed(2)
      : value < 0.05 || value === 100
        ? value.toFixed(0)
        : value.toFixed(value > 95 || value < 5 ? 1 : 0);
  return `${text} %`;
}
