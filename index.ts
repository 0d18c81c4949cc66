/** The whole package: its language, runtime, workers, specs and elements. */
export * from "./components/index.js";
export * from "./dsl/index.js";
export * from "./runtime/index.js";
export * from "./specs/index.js";
export * from "./workers/index.js";
