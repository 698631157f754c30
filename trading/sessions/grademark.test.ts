import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { sma } from '../../features/kernels/sma.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { runHistoricalSession } from './historical-session.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import type { SessionResult } from '../session-result.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { seriesKernel } from '../strategies/kernel-input.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

const folder = join(REFERENCE_DIR, 'grademark');

function readBars(): BarColumns {
  const [, ...lines] = readFileSync(join(folder, 'data/STW.csv'), 'utf8').trim().split(/\r?\n/);
  const bars = createBarColumns('STW', lines.length);
  const rows = lines.map((line) => {
    const [date, ...numbers] = line.split(',');
    const [day, month, year] = date!.split('/').map(Number);
    return { timeMs: Date.UTC(year!, month! - 1, day!), numbers: numbers.map(Number) };
  });
  rows.sort((a, b) => a.timeMs - b.timeMs);
  rows.forEach(({ timeMs, numbers }, row) => {
    bars.openTimeMs[row] = timeMs;
    bars.closeTimeMs[row] = timeMs + DAY_MS;
    (['open', 'high', 'low', 'close', 'volume'] as const).forEach((name, at) => (bars[name][row] = numbers[at]!));
  });
  return bars;
}

/**
 * Buy below the 30-bar average, sell above it, from bar 30 on. Grademark asks neither rule on the bar of a fill, this
 * engine asks its strategy at every close: the strategy itself passes over the bar after each of its signals.
 */
const belowAverage: Strategy = {
  name: 'below-average',
  parameters: {},
  forSymbol: () => {
    const average = seriesKernel(sma, [30]);
    const [buy, sell] = [ruleSignal('BUY', 'below the average'), ruleSignal('SELL', 'above the average')];
    let bars = 0;
    let long = false;
    let filledAt = 0;
    return {
      decide(view) {
        const level = average.next(view.close());
        bars += 1;
        // The reference drops the first 30 bars, the last of which has the first average.
        if (bars <= 30 || bars === filledAt) return HOLD;
        if (long ? view.close() <= level : view.close() >= level) return HOLD;
        long = !long;
        filledAt = bars + 1;
        return long ? buy : sell;
      },
    };
  },
};

interface ReferenceTrade {
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string;
  readonly exitPrice: number;
  readonly exitReason: string;
}

/** Reference times are local midnight at UTC+10. */
const timeOf = (text: string): number => Date.parse(text) + 10 * 3_600_000;

function ourTrades(): SessionResult['ledger'] {
  return runHistoricalSession({
    bars: [readBars()],
    instruments: [testInstrument('STW')],
    strategy: belowAverage,
    sizing: { kind: 'units', units: 1 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker(),
    capital: 1_000,
  }).ledger;
}

describeWith('reference', 'the engine against Grademark’s basic strategy', () => {
  // Both act at the open after the close that met the rule, without costs. One difference is left: Grademark books the
  // position that is open at the end as closed at the last close, here it stays open and is marked there.
  it('makes the same trades at the same times and prices', () => {
    const expected = JSON.parse(
      readFileSync(join(folder, 'expected/backtest-basic-strategy.json'), 'utf8'),
    ) as ReferenceTrade[];
    const ours = ourTrades().map(({ entryTimeMs, entryPrice, exitTimeMs, exitPrice }) => {
      return { entryTimeMs, entryPrice, exitTimeMs, exitPrice };
    });
    expect(ours).toEqual(
      expected.map(({ entryTime, entryPrice, exitTime, exitPrice, exitReason }) => ({
        entryTimeMs: timeOf(entryTime),
        entryPrice,
        exitTimeMs: exitReason === 'finalize' ? null : timeOf(exitTime),
        exitPrice,
      })),
    );
    expect(ours.length).toBe(15);
  });

  // Which trades are drawn depends on Grademark's own random numbers; that they are trades of this strategy does not.
  it('has made every trade that its Monte Carlo draws, with the same profit', () => {
    const drawn = JSON.parse(readFileSync(join(folder, 'expected/monte-carlo.json'), 'utf8')) as (ReferenceTrade & {
      profit: number;
    })[];
    const byEntry = new Map(ourTrades().map((trade) => [trade.entryTimeMs, trade]));
    expect(drawn).toHaveLength(10 * 5);
    for (const { entryTime, entryPrice, exitTime, exitPrice, exitReason, profit } of drawn) {
      const ours = byEntry.get(timeOf(entryTime));
      const exitTimeMs = exitReason === 'finalize' ? null : timeOf(exitTime);
      expect(ours).toMatchObject({ entryPrice, exitPrice, exitTimeMs });
      expect(ours!.pnl).toBeCloseTo(profit, 9);
    }
    expect(new Set(drawn.map(({ entryTime }) => entryTime)).size).toBeGreaterThan(10);
  });
});
