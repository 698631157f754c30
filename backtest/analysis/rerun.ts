import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';
import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import { MemoryJournal } from '../../trading/journal/memory-journal.ts';
import {
  barsOf,
  runHistoricalSession,
  type HistoricalSessionOptions,
} from '../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../trading/session-result.ts';

/** What is different when a session is run again. */
export interface RerunChange {
  readonly bars?: HistoricalSessionOptions['bars'];
  readonly costs?: Partial<Costs>;
  readonly capital?: number;
  readonly financing?: HistoricalSessionOptions['financing'];
}

/**
 * Bars up to which a session is run again: ten further runs of a panel of 800 symbols and 3,300 days would take four
 * minutes.
 */
const BARS_MAX = 1_000_000;

/** Why a session is not run again, in words; null where it may be. */
export function tooLargeToRepeat(plan: Pick<HistoricalSessionOptions, 'bars'>): string | null {
  const bars = barsOf(plan);
  return bars > BARS_MAX ? `the session has ${bars} bars and is run again up to ${BARS_MAX} only.` : null;
}

/** Runs the session of `plan` once more by the same engine, with something changed. Nothing of it is kept or told. */
export function rerun(plan: HistoricalSessionOptions, { bars, costs, capital, financing }: RerunChange): SessionResult {
  const traded = bars ?? plan.bars;
  return runHistoricalSession({
    ...plan,
    bars: traded,
    broker: costs === undefined ? plan.broker : simulatedBroker(costs),
    capital: capital ?? plan.capital,
    financing: financing ?? plan.financing,
    journal: new MemoryJournal(
      traded.map(({ symbol }) => symbol),
      { keep: false },
    ),
    onProgress: undefined,
  });
}
