import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { costsSchema } from '../../models/experiment/costs-schema.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import type { Charge } from '../effect.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../sessions/historical-session.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import type { FinancingRule } from './financing-rule.ts';
import { InputError } from '../../infra/errors.ts';
import { RateByDay } from './yearly-rate.ts';

/** Friday 2024-01-05, as a day since 1970. */
const FRIDAY = Date.UTC(2024, 0, 5) / DAY_MS;

/** Bars from 14:30 to 21:00 UTC of the days. */
function barsOf(symbol: string, days: readonly number[], closes: readonly number[]): BarColumns {
  const bars = createBarColumns(symbol, closes.length);
  closes.forEach((close, row) => {
    bars.openTimeMs[row] = days[row]! * DAY_MS + 14.5 * HOUR_MS;
    bars.closeTimeMs[row] = days[row]! * DAY_MS + 21 * HOUR_MS;
    for (const column of [bars.open, bars.high, bars.low, bars.close]) column[row] = close;
    bars.volume[row] = 1e6;
  });
  return bars;
}

/** Says a word at each bar. */
const script = (words: string): Strategy => ({
  name: 'script',
  parameters: {},
  forSymbol: () => ({
    decide: (view) => {
      const word = words[view.length - 1];
      return word === 'b' ? ruleSignal('BUY', 'x') : word === 's' ? ruleSignal('SELL', 'x') : HOLD;
    },
  }),
});

const DAYS = [0, 3, 4, 5, 6].map((later) => FRIDAY + later);
const BARS = barsOf('A', DAYS, [100, 110, 120, 90, 100]);

function run(words: string, financing: FinancingRule | undefined, more: Partial<HistoricalSessionOptions> = {}) {
  const journal = new MemoryJournal(['A']);
  const result = runHistoricalSession({
    bars: [BARS],
    instruments: [testInstrument('A')],
    strategy: script(words),
    sizing: { kind: 'units', units: 10 },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort: true },
    broker: simulatedBroker(),
    capital: 10_000,
    financing,
    journal,
    ...more,
  });
  const charges = [...journal.entries()].filter((entry) => entry.kind === 'charge') as Charge[];
  return { result, charges };
}

describe('RateByDay', () => {
  it('sums the rate of each day, and is 0 before its first step', () => {
    const rate = new RateByDay([
      { from: '2024-01-06', rate: 0.1 },
      { from: '2024-01-08', rate: 0.3 },
    ]);
    // Friday 0, Saturday and Sunday 0.1, Monday 0.3.
    expect(rate.sum(FRIDAY, FRIDAY + 4)).toBeCloseTo(0.5, 12);
    expect(rate.sum(FRIDAY - 9, FRIDAY)).toBe(0);
    expect(rate.sum(FRIDAY + 3, FRIDAY + 5)).toBeCloseTo(0.6, 12);
    expect(new RateByDay(0.02).sum(FRIDAY, FRIDAY + 3)).toBeCloseTo(0.06, 12);
  });
});

describe('a rate that is none', () => {
  it.each([NaN, Infinity, [{ from: 'soon', rate: 0.1 }], [{ from: '2024-01-06', rate: NaN }]])(
    '%j is refused',
    (rate) => {
      expect(() => new RateByDay(rate)).toThrow(InputError);
    },
  );
});

describe('financing', () => {
  it('charges what is short for each night, at the last close before it', () => {
    // Sold at Monday's open of 110: short 10 over three nights.
    const { charges, result } = run('s---b', { borrow: 0.365 });
    const nights = [110 * 10, 120 * 10, 90 * 10];
    expect(charges.map(({ charge, days, base, rate }) => [charge, days, base, rate])).toEqual(
      nights.map((base) => ['borrow', 1, base, 0.365]),
    );
    charges.forEach(({ cash }, at) => expect(cash).toBeCloseTo(-nights[at]! * 0.001, 12));
    expect(result.financing).toEqual({ borrow: expect.closeTo(3.2, 9) as number, funding: 0, interest: 0 });
    expect(result.equity.at(-1)).toBeCloseTo(10_000 + 10 * (110 - 100) - 3.2, 9);
    // It is in the profit of the position.
    expect(result.ledger[0]!.pnl).toBeCloseTo(100 - 3.2, 9);
  });

  it('charges three days over a weekend, and nothing for what is opened and closed within a day', () => {
    const weekend = barsOf('A', [FRIDAY - 1, FRIDAY, FRIDAY + 3], [100, 100, 100]);
    const { charges } = run('s--', { borrow: 0.365 }, { bars: [weekend] });
    expect(charges).toMatchObject([{ days: 3, base: 1_000, cash: expect.closeTo(-3, 9) as number }]);
    const hours = barsOf('A', [FRIDAY, FRIDAY, FRIDAY, FRIDAY + 3], [100, 100, 100, 100]);
    hours.openTimeMs.set([0, 1, 2, 72].map((hour) => FRIDAY * DAY_MS + (9 + hour) * HOUR_MS));
    hours.closeTimeMs.set([1, 2, 3, 73].map((hour) => FRIDAY * DAY_MS + (9 + hour) * HOUR_MS));
    expect(run('sb--', { borrow: 0.365 }, { bars: [hours] }).charges).toEqual([]);
  });

  it('takes interest on credit and pays it on cash, and funding from long to short', () => {
    const credit = { ...NAMED_LIMITS.unbounded, positionFraction: 2, margin: { initial: 0.5, maintenance: 0.1 } };
    const levered = run(
      'b----',
      { debit: 0.73, credit: 0.365, funding: 0.0365 },
      {
        limits: credit,
        capital: 1_000,
      },
    );
    // A first weekend in cash; then 1,100 were paid for ten at 110.
    expect(levered.charges.map(({ charge, days }) => `${charge} ${days}`).slice(0, 3)).toEqual([
      'interest 3',
      'funding 1',
      'interest 1',
    ]);
    expect(levered.charges[0]!.cash).toBeCloseTo(1_000 * 0.001 * 3, 12);
    expect(levered.charges[1]!.cash).toBeCloseTo(-1_100 * 0.0001, 12);
    // The funding is booked first: it is paid on credit as well.
    expect(levered.charges[2]!.cash).toBeCloseTo((1_003 - 1_100 - 0.11) * 0.002, 12);
    const short = run('s----', { funding: 0.0365 });
    expect(short.charges[0]).toMatchObject({ charge: 'funding', cash: expect.closeTo(0.11, 12) as number });
  });

  it('takes the rate of the symbol and of the day', () => {
    const financing = {
      borrow: 0.01,
      symbols: { A: { borrow: [{ from: '2024-01-09', rate: 0.36 }] } },
      daysInYear: 360,
    } as const;
    const { charges } = run('s----', financing);
    // Monday's night is before the first step.
    expect(charges.map(({ cash }) => cash)).toEqual([-1.2, -0.9].map((cash) => expect.closeTo(cash, 12) as number));
    expect(() => run('s', { symbols: { B: { borrow: 0.1 } } })).toThrow(/costs\.financing\.symbols: B is no symbol/);
  });

  it('changes nothing where there are no rates, and equity by exactly what it charges', () => {
    const plain = run('s-b--', undefined);
    expect(plain.result.financing).toBeUndefined();
    expect(run('s-b--', {}).result.journalHash).toBe(plain.result.journalHash);
    const charged = run('s-b--', { borrow: 0.2, funding: 0.1, credit: 0.05 });
    const { borrow, funding, interest } = charged.result.financing!;
    expect(plain.result.equity.at(-1)! - charged.result.equity.at(-1)!).toBeCloseTo(borrow + funding + interest, 9);
  });

  it('is refused by key where a rate is none', () => {
    const bad = costsSchema.safeParse({ financing: { borrow: 'much' } });
    expect(bad.error?.issues[0]).toMatchObject({ path: ['financing', 'borrow'] });
    expect(bad.error?.issues[0]!.message).toMatch(/rate per year/);
    const steps = [
      { from: '2024-02-01', rate: 0.1 },
      { from: '2024-01-01', rate: 0.2 },
    ];
    expect(costsSchema.safeParse({ financing: { debit: steps } }).success).toBe(false);
  });
});
