import type { LiveTail } from '../live-bars.ts';
import type { Decider } from '../session-bar-store.ts';
import type { DatabasePresence } from './database-presence.ts';

/** Nobody is known to decide. */
const NOT_KNOWN: Decider = { decidedBy: null, unfit: 'the database is away: which version decides is not known' };

/**
 * A tail that answers while the database is away: who decided last decides, and splits and dividends are those that
 * were known last. What the prices show is still looked at.
 */
export function tailBeside(presence: Pick<DatabasePresence, 'ask'>, tail: LiveTail): LiveTail {
  let last = NOT_KNOWN;
  return {
    ...tail,
    decider: async (closeTimeMs) => (last = await presence.ask(() => tail.decider(closeTimeMs), last)),
    actions: async (closed) =>
      (await presence.ask(() => tail.actions(closed), null)) ?? (await tail.actions(closed, false)),
  };
}
