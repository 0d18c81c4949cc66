/** For tests: a demo as its visitor uses it. */
import * as assert from "uvu/assert";
import { all, drawn, one, text } from "../plot/mount.js";

export const button = (element: Element, words: string): HTMLButtonElement => {
  const found = all<HTMLButtonElement>(element, "button").find((b) => text(b).includes(words));
  if (!found) throw new Error(`there is no button ${words}`);
  return found;
};

export async function press(element: HTMLElement, words: string): Promise<void> {
  const found = button(element, words);
  assert.not(found.disabled, `${words} is disabled`);
  found.click();
  await drawn(element);
}

/** Chooses in the menu of that label. */
export async function choose(element: HTMLElement, label: string, value: string): Promise<void> {
  const menu = all(element, "label")
    .find((l) => text(l).startsWith(label))
    ?.querySelector("select");
  if (!menu) throw new Error(`there is no menu ${label}`);
  menu.value = value;
  menu.dispatchEvent(new Event("change"));
  await drawn(element);
}

/** The next event of that name that fits. Rejects after a while, and when the demo tells an error first. */
export const event = <T>(
  element: HTMLElement,
  name: string,
  fits: (detail: T) => boolean = () => true,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const done = (act: () => void): void => {
      element.removeEventListener(name, listen);
      element.removeEventListener("error", fail);
      clearTimeout(timer);
      act();
    };
    const listen = ({ detail }: Event & { detail?: T }): void => {
      if (fits(detail as T)) done(() => resolve(detail as T));
    };
    const fail = ({ detail }: Event & { detail?: { message: string } }): void =>
      done(() => reject(new Error(detail?.message)));
    const timer = setTimeout(() => done(() => reject(new Error(`no ${name} came`))), 60_000);
    element.addEventListener(name, listen);
    if (name !== "error") element.addEventListener("error", fail);
  });

export const wait = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** A figure of the control bar. */
export const metric = (element: Element, name: string): string =>
  text(one(element, ".metrics")).match(new RegExp(`${name} (\\S+)`))?.[1] ?? "";
export const steps = (element: Element): number => Number(metric(element, "Step").replaceAll(",", ""));
