import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { ruleBacktest } from '../run/rule-backtest.ts';

/** A cross of averages over `bars` minutes of a stock market whose minutes move by `volatility`. */
export function crossOfMinutes(bars: number, volatility = 0.0002): ReturnType<typeof ruleBacktest> {
  const calendar = calendarNamed('us-equities');
  const series = plantedBars({ symbol: 'MIN', bars, seed: 3, timeframe: '1m', calendar, volatility });
  return ruleBacktest({
    ...{ calendar, strategy: 'sma-cross', parameters: { fast: 5, slow: 20 }, sizing: { kind: 'all-in' } },
    ...{ longShort: false, limits: NAMED_LIMITS.unbounded, costs: {}, capital: 100_000, lot: 1, seed: 7 },
    bars: [series],
  });
}
