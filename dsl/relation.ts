/** What layers and traced functions are to the inference of shapes: relations between their ports. */
import { elementwiseShape } from "./fn.js";
import { alike, type LayerDefinition, reals } from "./layers/definition.js";
import { layers } from "./layers/index.js";
import { hint, takes } from "./message.js";
import type { Fn, Layer, PortType, Shape } from "./net.js";
import { fits, merge, show } from "./shape.js";

/** The output as far as the inputs tell it, or the sentence that says why there is none; and the way back. */
export interface Relation {
  /** Who the sentences are about. */
  readonly who: string;
  forward(inputs: readonly PortType[]): PortType | string;
  /** The shapes of the inputs, as far as the output and the other inputs tell them. */
  backward?(inputs: readonly PortType[], output: Shape | null): readonly (Shape | null)[];
}

/** A layer as the table has it; a sentence where its options are not as its schema wants them. */
export const layerRelation = ({ op, options }: Layer): Relation | string => {
  if (!Object.hasOwn(layers, op)) return `there is no layer ${op}${hint(op, Object.keys(layers))}`;
  const definition: LayerDefinition = layers[op];
  const parsed = definition.options.safeParse(options);
  if (!parsed.success)
    return parsed.error.issues.map((i) => `${op}: ${[...i.path, i.message].join(": ")}`).join("; ");
  return {
    who: op,
    forward: (inputs) => definition.forward(parsed.data, inputs),
    ...(definition.backward && {
      backward: (inputs, output) => definition.backward?.(parsed.data, inputs, output) ?? [],
    }),
  };
};

/** A traced function: ports of one shape, the output's, and single numbers. */
export const fnRelation = (fn: Fn): Relation => {
  const names = Object.keys(fn.inputs);
  const declared = Object.values(fn.inputs);
  /** The declared ports with what is known of the values that they receive. */
  const received = (inputs: readonly PortType[]): PortType[] =>
    declared.map((port, i) => ({ ...port, shape: merge(port.shape, inputs[i]?.shape ?? null) ?? null }));
  return {
    who: "fn",
    forward: (inputs) => {
      for (const [i, want] of declared.entries()) {
        const got = inputs[i] ?? want;
        if (!fits(got, want)) return takes(`port ${names[i]}`, show(want), show(got));
      }
      const ports = received(inputs);
      const shape = elementwiseShape(
        Object.fromEntries(names.map((name, i) => [name, ports[i] ?? reals(null)])),
      );
      if (typeof shape === "string") return shape;
      return fn.output ? { ...fn.output, shape } : reals(shape);
    },
    backward: (inputs, output) => {
      const ports = received(inputs);
      if (output?.length === 0) return ports.map(() => []);
      const arrays = ports.filter(({ shape }) => shape?.length !== 0);
      const certain = arrays.length === 1 ? arrays : arrays.filter(({ shape }) => shape !== null);
      const common = alike("", [...certain, reals(output)]);
      return ports.map((port) =>
        typeof common === "string" || !certain.includes(port) ? port.shape : common.shape,
      );
    },
  };
};
