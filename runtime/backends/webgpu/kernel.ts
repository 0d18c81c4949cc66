/** A dispatch of one compute program, as plain values. */
import type { Params } from "./views.js";
import { type HelperName, helperText } from "./wgsl.js";

export interface Dispatch {
  /** The whole program; dispatches with equal text share a pipeline. */
  readonly code: string;
  /** The parameter block. */
  readonly params: Int32Array;
  /** The workgroups along x, y and z. */
  readonly groups: readonly [number, number, number];
}

export interface KernelText {
  /** Values of the fields of `p`, in order; negative ones are read by `i32(p.name)`. */
  readonly params: Params;
  /** Functions and variables besides. */
  readonly define?: string;
  readonly needs?: Iterable<HelperName>;
  /** The entry point's arguments and body. */
  readonly main: string;
  readonly threads: number;
  readonly groups: readonly [number, number, number];
}

/** What every program begins with: a program's memory, the states, and the parameters. */
export function dispatchOf({ params, define = "", needs = [], main, threads, groups }: KernelText): Dispatch {
  const fields = Object.keys(params).map((name) => `  ${name}: u32,`);
  const parts = [
    `struct Params {\n${fields.join("\n")}\n}`,
    "@group(0) @binding(0) var<storage, read_write> memory: array<u32>;",
    "@group(0) @binding(1) var<storage, read_write> states: array<u32>;",
    "@group(0) @binding(2) var<uniform> p: Params;",
    helperText(needs),
    define,
    `@compute @workgroup_size(${threads})\nfn main(${main}`,
  ];
  return {
    code: parts.filter((part) => part !== "").join("\n"),
    params: Int32Array.from(Object.values(params), (x) => x | 0),
    groups,
  };
}

/** The most workgroups along one axis that every device takes. */
const mostGroups = 65535;
const lanes = 256;

/**
 * A program that does `lines` for every i below `count`. The index goes over two axes, since one axis has 65,535
 * workgroups at most.
 */
export function forEach(
  count: number,
  { params, define = "", needs = [] }: Pick<KernelText, "params" | "define" | "needs">,
  lines: readonly string[],
): Dispatch {
  const groups = Math.ceil(count / lanes);
  const rows = Math.ceil(groups / mostGroups);
  return dispatchOf({
    params: { count, ...params },
    define,
    needs,
    main: `@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * ${lanes}u;
  if (i >= p.count) { return; }
${lines.map((line) => `  ${line}`).join("\n")}
}`,
    threads: lanes,
    groups: [Math.ceil(groups / rows), rows, 1],
  });
}
