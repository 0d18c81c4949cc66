export { webgpu } from "./executable.js";
