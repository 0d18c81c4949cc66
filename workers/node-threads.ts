export { nodeThreads } from "../runtime/node-threads.js";
