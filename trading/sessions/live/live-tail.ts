import type { LiveTail } from '../live-bars.ts';
import type { LiveActions } from './live-actions.ts';
import type { LiveDeciding } from './live-deciding.ts';
import type { LiveEvents } from './live-events.ts';

export interface LiveTailOptions {
  readonly deciding: LiveDeciding;
  readonly actions: LiveActions;
  /** Events that arrive; null where no feature reads them. */
  readonly events?: LiveEvents | null | undefined;
  /** See `LiveTail`. */
  readonly lateBars: (closeTimeMs: number) => number;
  readonly overdue: (closeTimeMs: number) => number;
  readonly note: (text: string) => void;
}

/** Asks at each live close what decides it and what comes into effect, and says so, once, where bars come late. */
export function liveTail({
  deciding,
  actions,
  events = null,
  note,
  ...options
}: LiveTailOptions): Omit<LiveTail, 'open'> {
  let late = false;
  return {
    overdue: options.overdue,
    ...(events === null ? {} : { eventsTo: () => events.newest() }),
    lateBars: (closeTimeMs) => {
      const bars = options.lateBars(closeTimeMs);
      const close = new Date(closeTimeMs).toISOString();
      if (bars > 0 && !late)
        note(
          `the close of ${close} came ${bars} ${bars === 1 ? 'bar' : 'bars'} late: signals count as that much older`,
        );
      late = bars > 0;
      return bars;
    },
    actions: (closed, asks) => actions.before(closed, asks),
    dueSplits: (nowMs) => actions.dueSplits(nowMs),
    decider: (closeTimeMs) => deciding.decider(closeTimeMs),
    observe: async (closed, decider) => {
      await events?.take(closed);
      actions.observe(closed);
      return deciding.observe(closed, decider);
    },
  };
}
