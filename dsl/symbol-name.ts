/**
 * How a name in camelCase is drawn: Greek letters spelled out become letters, `Bar`, `Hat`, `Tilde` and `Dot`
 * sit above, digits and a last `t` go below: alphaBar ᾱ, x0 x₀, xt xₜ, x0Hat x̂₀, epsHat ε̂. A leading `sqrt` or
 * `oneMinus` is what it says: sqrtOneMinusAlphaBar √(1 − ᾱ). Any other name stays as it is: tScale.
 */
export type SymbolName =
  | {
      readonly form: "letter";
      readonly base: string;
      readonly accent: Accent | null;
      readonly subscript: string;
    }
  | { readonly form: "root" | "oneMinus"; readonly of: SymbolName };

export type Accent = "Bar" | "Hat" | "Tilde" | "Dot";

const greek: Readonly<Record<string, string>> = {
  ...{
    alpha: "α",
    beta: "β",
    gamma: "γ",
    delta: "δ",
    eps: "ε",
    epsilon: "ε",
    zeta: "ζ",
    eta: "η",
    theta: "θ",
  },
  ...{
    iota: "ι",
    kappa: "κ",
    lambda: "λ",
    mu: "μ",
    nu: "ν",
    xi: "ξ",
    pi: "π",
    rho: "ρ",
    sigma: "σ",
    tau: "τ",
  },
  ...{ upsilon: "υ", phi: "φ", chi: "χ", psi: "ψ", omega: "ω" },
  ...{
    Gamma: "Γ",
    Delta: "Δ",
    Theta: "Θ",
    Lambda: "Λ",
    Xi: "Ξ",
    Pi: "Π",
    Sigma: "Σ",
    Phi: "Φ",
    Psi: "Ψ",
    Omega: "Ω",
  },
};

const pattern = /^([A-Za-z]|[A-Za-z][a-z]+?)(\d+|[tT])?(Bar|Hat|Tilde|Dot)?(\d+|[tT])?$/;

/** The parts of a name. `index`, if given, goes below with what the name itself puts there. */
export function symbolName(name: string, index = ""): SymbolName {
  const prefix = /^(sqrt|oneMinus)([A-Z].*)$/.exec(name);
  if (prefix?.[2]) {
    const rest = prefix[2];
    const lower = rest.charAt(0).toLowerCase() + rest.slice(1);
    return { form: prefix[1] === "sqrt" ? "root" : "oneMinus", of: symbolName(lower, index) };
  }
  const [, word = "", before = "", accent, after = ""] = pattern.exec(name) ?? [];
  const letter = Object.hasOwn(greek, word) ? greek[word] : word.length === 1 ? word : undefined;
  const below = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(",");
  if (letter === undefined) return { form: "letter", base: name, accent: null, subscript: index };
  return {
    form: "letter",
    base: letter,
    accent: (accent as Accent) ?? null,
    subscript: below([before, after, index]),
  };
}
