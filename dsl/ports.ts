/**
 * Ports: what one example carries along an edge. `real` is a number, `integer(min, max)` a whole number, a list
 * such as `[28, 28, 1]` an array of reals. `any` is a size, and `anything` a whole port, that the wiring tells.
 */
import type { PortType, Shape } from "./net.js";

/** Reals of a shape. */
export interface Real<S extends Shape | null = Shape | null> {
  readonly dtype: "real";
  readonly shape: S;
}
/** Whole numbers from `min` to `max`, both included. */
export interface Integer<
  Min extends number = number,
  Max extends number = number,
  S extends Shape | null = Shape | null,
> {
  readonly dtype: "integer";
  readonly shape: S;
  readonly min: Min;
  readonly max: Max;
}

/** What may be written for a port; a list of sizes stands for reals of that shape. */
export type PortSpec = PortType | Shape;
export type PortSpecs = Readonly<Record<string, PortSpec>>;

/** The port that a specification stands for. */
export type PortOf<P> = P extends Shape ? Real<P> : P extends PortType ? P : never;
export type PortsOf<P> = { readonly [N in keyof P]: PortOf<P[N]> };

/** One number. */
export const real: Real<readonly []> = { dtype: "real", shape: [] };

/** A whole number from `min` to `max`, both included; as its own port type, for tables and classes. */
export const integer = <const Min extends number, const Max extends number>(
  min: Min,
  max: Max,
): Integer<Min, Max, readonly []> => {
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max) || min > max)
    throw new RangeError(
      `integer takes whole numbers min and max with min <= max but receives ${min} and ${max}`,
    );
  return { dtype: "integer", shape: [], min, max };
};

/** A size that is inferred from the wiring: `[any, 3]`. */
export const any = null;
/** A port of reals whose whole shape is inferred from the wiring. */
export const anything: Real<null> = { dtype: "real", shape: null };

const isShape = (spec: PortSpec): spec is Shape => Array.isArray(spec);

/** The port that `spec` stands for. */
export const portOf = (spec: PortSpec): PortType =>
  isShape(spec) ? { dtype: "real", shape: [...spec] } : spec;

/** The same for each of several ports, in their order. */
export const portsOf = (specs: PortSpecs): Readonly<Record<string, PortType>> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, portOf(spec)]));
