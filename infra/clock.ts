/** Wall-clock milliseconds since the epoch. Only edges take one, and tests pass their own. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();

/** The machine's clock in parts of a millisecond, which never goes back while the process runs: for measuring. */
export const preciseClock: Clock = () => performance.timeOrigin + performance.now();
