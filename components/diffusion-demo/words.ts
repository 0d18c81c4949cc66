/** The words of the menus. */
import type { denoisers, imageDenoisers, samplers, schedules } from "../../specs/index.js";

type Words<T> = Readonly<Record<keyof T, string>>;

export const modelWords: {
  readonly points: Words<typeof denoisers>;
  readonly images: Words<typeof imageDenoisers>;
} = {
  points: { mlp: "MLP", sinusoidalMlp: "MLP, sinusoidal t", residualMlp: "Residual MLP" },
  images: { unet: "UNet" },
};

export const samplerWords: Words<typeof samplers> = {
  ddpm: "DDPM, σ² = β",
  ddpmBetaTilde: "DDPM, σ² = β̃",
  ddim: "DDIM, 50 steps",
  ddim25: "DDIM, 25 steps",
};

export const scheduleWords: Words<typeof schedules> = {
  linear: "linear β",
  cosine: "cosine",
  scaledLinear: "scaled linear β",
  sigmoid: "sigmoid β",
};
