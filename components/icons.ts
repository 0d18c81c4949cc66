/** The few pictures on buttons, in the colour of their text. */
import { html } from "lit";

export const playIcon = html`<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M2.5 1.2v9.6a.6.6 0 0 0 .9.5l7.6-4.8a.6.6 0 0 0 0-1L3.4.7a.6.6 0 0 0-.9.5z" /></svg>`;
export const pauseIcon = html`<svg viewBox="0 0 12 12" aria-hidden="true"><rect x="1.5" y="1" width="3" height="10" rx=".8" /><rect x="7.5" y="1" width="3" height="10" rx=".8" /></svg>`;
export const resetIcon = html`<svg class="stroke" viewBox="0 0 14 14" aria-hidden="true"><path d="M2.2 5.1A5.2 5.2 0 1 1 1.8 7.6M2 1.8v3.4h3.4" /></svg>`;
