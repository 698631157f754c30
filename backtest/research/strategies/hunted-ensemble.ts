import { experimentFeatures } from '../../../models/experiment/experiment-features.ts';
import { adjustBars } from '../../../pipelines/adjustments/bar-adjuster.ts';
import { marketHours } from '../../../pipelines/calendars/market-hours.ts';
import type { MarketData } from '../../../models/experiment/market-data.ts';
import type { TradedExperiment } from '../../../trading/sessions/experiment-session.ts';
import type { Strategy } from '../../../trading/strategies/strategy.ts';
import { runInMemory, type ReplaceableParts } from '../../experiment/memory-experiment.ts';
import { huntLookAhead, type LookAheadReport } from '../look-ahead.ts';
import { warmUpFindings, type WarmUpFinding } from '../warm-up.ts';

/** The ensemble of an experiment whose rules share the account with it. */
export interface HuntedEnsemble {
  /** Says what its folds predicted out of sample: it trades in the session that is hunted in. */
  readonly model: Strategy;
  /** Hunts in what it learns, from its features to its decisions: each cut takes a training. */
  lookAhead(hunt: Parameters<typeof huntLookAhead>[1]): Promise<LookAheadReport>;
  /** Features that still depend on where history begins when they count as warm. */
  warmUp(): WarmUpFinding[];
}

/** Trains the experiment's ensemble in memory. `parts` are those that tests exchange for broken ones. */
export async function huntedEnsemble(
  { experiment: whole, bars, calendar, actions, set: learned }: TradedExperiment & Partial<Pick<MarketData, 'set'>>,
  parts?: Partial<ReplaceableParts>,
): Promise<HuntedEnsemble> {
  // What it learns is what it would learn by itself.
  const { strategies: _strategies, ...experiment } = whole;
  const events = learned?.events;
  const options = { experiment, bars, calendar, actions, events, ...(parts === undefined ? {} : { parts }) };
  const { session } = await runInMemory(options);
  return {
    model: session.strategy,
    lookAhead: (hunt) => huntLookAhead(options, hunt),
    warmUp: () => {
      const symbols = bars.map(({ symbol }) => symbol);
      const hours = marketHours(calendar);
      const set = experimentFeatures(experiment, { timeframe: experiment.data.timeframe, symbols, hours, events });
      return warmUpFindings(
        set,
        bars.map((columns, s) => adjustBars(columns, actions[s]!)),
      );
    },
  };
}
