/** The page: the demos, and a switch between light and dark. */
import "../components/diffusion-demo/diffusion-demo.js";

const root = document.documentElement;
const button = document.querySelector<HTMLButtonElement>("#theme");
const system = matchMedia("(prefers-color-scheme: dark)");

const dark = (): boolean => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const show = (): void => button?.setAttribute("aria-pressed", String(dark()));

/** The other of the two; where that is what the system asks for, the page follows the system again. */
button?.addEventListener("click", () => {
  const wanted = !dark();
  if (wanted === system.matches) delete root.dataset.theme;
  else root.dataset.theme = wanted ? "dark" : "light";
  show();
});
system.addEventListener("change", show);
show();
