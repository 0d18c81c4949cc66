import { reals } from "./layers/definition.js";
import type { Net, PortType } from "./net.js";
import { inputsOf } from "./wiring.js";

/** The input ports of a net as they are declared; what is not declared is real, of any shape. */
export const declaredPorts = (net: Net): Readonly<Record<string, PortType>> => {
  if (net.op === "graph" || net.op === "fn") return net.inputs;
  const [first] = net.op === "chain" ? net.layers : [];
  if (first) return declaredPorts(first);
  if (net.op === "nest") return declaredPorts(net.net);
  if (net.op === "map") return sequences(declaredPorts(net.net));
  if (net.op === "fold") {
    const { state = reals(null), input = reals(null) } = declaredPorts(net.net);
    return { state, ...sequences({ input }) };
  }
  const ports = inputsOf(net);
  return ports === "variadic" ? {} : Object.fromEntries(ports.map((name) => [name, reals(null)]));
};

/** Sequences, of any length, of these. */
const sequences = (ports: Readonly<Record<string, PortType>>): Readonly<Record<string, PortType>> =>
  Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      { ...port, shape: port.shape && [null, ...port.shape] },
    ]),
  );
