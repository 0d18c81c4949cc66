/** Lets everything else on this thread go first. */
export const giveWay = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
