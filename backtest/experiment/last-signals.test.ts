import { expect, it } from 'vitest';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { createModelStrategy, storedPredictors } from '../../trading/strategies/model-signals.ts';
import { runExample } from '../testing/example-result.ts';

const { options } = runExample({ bars: 40, randomRuns: 1 });
const closes = options.bars[0]!.closeTimeMs;

/** A session over 40 bars with predictions at some of them; what it leaves behind as `bar action`. */
function lastSignals(predicted: Readonly<Record<number, number>>, maxAgeBars: number): string[] {
  const bars = Object.keys(predicted).map(Number);
  const all = (value: number): Float64Array => new Float64Array(bars.length).fill(value);
  const table = {
    symbol: bars.map(() => 'EXAMPLE'),
    decisionTimeMs: Float64Array.from(bars, (bar) => closes[bar]!),
    probability: Float64Array.from(bars, (bar) => predicted[bar]!),
    trainedToMs: all(0),
    expiresAtMs: all(Infinity),
  };
  const strategy = createModelStrategy(storedPredictors(table), { buyAbove: 0.52, sellBelow: 0.48 });
  const signals = { longShort: false, maxAgeBars };
  const session = runHistoricalSession({ ...options, strategy, signals, dayOf: utcDayOfClose } as typeof options);
  return session.lastSignals.map(({ timeMs, action }) => `${closes.indexOf(timeMs)} ${action}`);
}

it('gives each prediction once, at its own time, however many bars repeat it', () => {
  expect(lastSignals({ 30: 0.6, 31: 0.4, 32: 0.7 }, 1)).toEqual(['30 BUY', '31 SELL', '32 BUY']);
  expect(lastSignals({ 30: 0.6, 31: 0.4, 32: 0.7 }, 30)).toEqual(['30 BUY', '31 SELL', '32 BUY']);
  expect(lastSignals({ 10: 0.6, 39: 0.5 }, 3)).toEqual(['10 BUY', '39 HOLD']);
  expect(lastSignals({ 10: 0.6, 20: 0.5 }, 3)).toEqual(['10 BUY', '20 HOLD']);
});
