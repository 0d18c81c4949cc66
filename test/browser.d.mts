import type { Browser } from "playwright-core";

export function findBrowser(): string | null;
export function installBrowser(): string;
export function launch(): Promise<Browser>;
export const strictPolicy: string;
export function serve(
  folders: string | readonly string[],
  options?: { readonly port?: number; readonly isolated?: boolean },
): Promise<{ readonly url: string; close(): Promise<void> }>;
