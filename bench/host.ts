/** What the command line needs of the TypeScript side. */

export { unet } from "../specs/unet.js";
export { adam, caseOf, cases, formsOf } from "./cases.js";
