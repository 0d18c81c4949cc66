/**
 * Stand-ins for the two globals that a module of elements touches when it is loaded. In Node, where there is no
 * page, the bundles can so be imported (for their types, names and pure parts) without a global being defined.
 */
export const HTMLElement = globalThis.HTMLElement ?? class {};
export const customElements = globalThis.customElements ?? { define() {}, get() {} };
