/**
 * How long a test waits for what another process does. A machine on which twenty others compute needs minutes for what
 * takes a second alone; only what hangs comes to this, and ends with a message before the test's own limit does it
 * without one.
 */
export const PATIENCE_MS = 20 * 60_000;

/** How long it waits for what its own process does. */
export const WAIT_MS = PATIENCE_MS / 4;
