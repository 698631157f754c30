/** Wall-clock milliseconds since the epoch. Only edges take one, and tests pass their own. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Date.now();

/** The machine's clock in parts of a millisecond, which never goes back while the process runs: for measuring. */
export const preciseClock: Clock = () => performance.timeOrigin + performance.now();

/** A clock that goes on evenly where `clock` is put, for waits. One that is passed in is nobody's to be put. */
export const steadyBeside = (clock: Clock): Clock => (clock === systemClock ? preciseClock : clock);
