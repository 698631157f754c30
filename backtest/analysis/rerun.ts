import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';
import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import { MemoryJournal } from '../../trading/journal/memory-journal.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../trading/session-result.ts';

/** What is different when a session is run again. */
export interface RerunChange {
  readonly bars?: HistoricalSessionOptions['bars'];
  readonly costs?: Partial<Costs>;
  readonly capital?: number;
}

/** Runs the session of `plan` once more by the same engine, with something changed. Nothing of it is kept or told. */
export function rerun(plan: HistoricalSessionOptions, { bars, costs, capital }: RerunChange): SessionResult {
  const traded = bars ?? plan.bars;
  return runHistoricalSession({
    ...plan,
    bars: traded,
    broker: costs === undefined ? plan.broker : simulatedBroker(costs),
    capital: capital ?? plan.capital,
    journal: new MemoryJournal(
      traded.map(({ symbol }) => symbol),
      { keep: false },
    ),
    onProgress: undefined,
  });
}
