/** Wall-clock milliseconds since the epoch. Only edges take one, and tests pass their own. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();
