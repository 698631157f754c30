import Big from 'big.js';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { KeptJournal } from '../journal/kept-journal.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../sessions/historical-session.ts';
import { replayFeed } from '../sessions/replayed-feed.ts';
import { runPaperSession } from '../sessions/streaming-session.ts';
import { REQUEST_FAULTS } from '../orders/order-request.ts';
import { priceGridOf } from '../price-grid.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { AccountCurrency, type CurrencyRule } from './account-currency.ts';

const RULE: CurrencyRule = { account: 'USD', rates: { EUR: 'EURUSD' } };

/** Daily bars from 8:00 to 20:00, of one price a day but for the opens. */
function barsOf(symbol: string, closes: readonly number[], opens = closes, firstDay = 0): BarColumns {
  const bars = createBarColumns(symbol, closes.length);
  closes.forEach((close, row) => {
    bars.openTimeMs[row] = (firstDay + row) * DAY_MS + 8 * HOUR_MS;
    bars.closeTimeMs[row] = (firstDay + row) * DAY_MS + 20 * HOUR_MS;
    bars.open[row] = opens[row]!;
    bars.high[row] = Math.max(close, opens[row]!);
    bars.low[row] = Math.min(close, opens[row]!);
    bars.close[row] = close;
    bars.volume[row] = 1e6;
  });
  return bars;
}

/** Bars of one symbol, one after the other. */
function joined(first: BarColumns, second: BarColumns): BarColumns {
  const bars = createBarColumns(first.symbol, first.length + second.length);
  for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    bars[name].set([...first[name], ...second[name]]);
  }
  return bars;
}

const FX = barsOf('EURUSD', [1.1, 1.2, 1.25, 1.2, 1.3]);
const SAP = barsOf('SAP', [100, 104, 110, 108], [100, 102, 106, 109], 1);
const INSTRUMENTS: Instrument[] = [testInstrument('EURUSD'), testInstrument('SAP', { currency: 'EUR' })];

/** Buys at the first bar of SAP, sells at its third, and remembers what it saw. */
function session(seen: number[] = [], more: Partial<HistoricalSessionOptions> = {}): HistoricalSessionOptions {
  const strategy: Strategy = {
    name: 'script',
    parameters: {},
    forSymbol: (symbol) => ({
      decide: (view) => {
        if (symbol !== 'SAP') return HOLD;
        seen.push(view.close());
        return view.length === 1 ? ruleSignal('BUY', 'x') : view.length === 3 ? ruleSignal('SELL', 'x') : HOLD;
      },
    }),
  };
  return {
    bars: [FX, SAP],
    instruments: INSTRUMENTS,
    strategy,
    sizing: { kind: 'units', units: 10 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 10 }),
    capital: 10_000,
    currencies: RULE,
    ...more,
  };
}

describe('an account with positions in another currency', () => {
  it('pays, is paid and is valued at the rate that was known, to the cent', () => {
    const seen: number[] = [];
    const result = runHistoricalSession(session(seen));
    // Bought at Tuesday's open of 102 EUR with Monday's rate of 1.2, sold at 109 with the rate of 1.2 before it.
    const paid = new Big(102).times('1.2').times(10);
    const got = new Big(109).times('1.2').times(10);
    const fees = paid.plus(got).times('0.001');
    const cash = new Big(10_000).minus(paid).plus(got).minus(fees);
    expect(result.equity.at(-1)).toBeCloseTo(cash.toNumber(), 8);
    expect(result.fees).toBeCloseTo(fees.toNumber(), 8);
    // Marked at 104 x 1.25 and at 110 x 1.2.
    const held = new Big(10_000).minus(paid.times('1.001'));
    expect(result.equity[2]).toBeCloseTo(held.plus(1_300).toNumber(), 8);
    expect(result.equity[3]).toBeCloseTo(held.plus(1_320).toNumber(), 8);
    // Strategies see the bars as they are quoted.
    expect(seen).toEqual([100, 104, 110, 108]);
  });

  it('is the same for a paper session over the same bars, dividends included', async () => {
    const effectiveMs = SAP.openTimeMs[2]!;
    const actions = [[], [{ kind: 'dividend', value: 2, effectiveMs, knownAtMs: effectiveMs } as const]];
    const plan = session([], { actions });
    const backtest = runHistoricalSession(plan);
    // Ten times two euros at the rate before that open.
    expect(backtest.equity.at(-1)! - runHistoricalSession(session()).equity.at(-1)!).toBeCloseTo(20 * 1.25, 8);
    const { bars, ...rest } = session([], { actions });
    const paper = await runPaperSession({
      ...rest,
      sessionId: 'currencies',
      feed: replayFeed(bars, INSTRUMENTS),
      journal: new KeptJournal(['EURUSD', 'SAP']),
      clock: () => 0,
    });
    expect(paper.fills).toBe(2);
    expect(paper.journalHash).toBe(backtest.journalHash);
  });

  it('takes no order with a price in a currency that is not that of its orders, and one without', () => {
    const orders = (view: { readonly length: number }) =>
      view.length === 1
        ? ([
            { do: 'place', label: 'a', side: 'buy', type: 'limit', limit: 103, size: { units: 10 } },
            { do: 'place', label: 'b', side: 'buy', type: 'market', size: { units: 5 } },
          ] as const)
        : [];
    const strategy: Strategy = {
      name: 'script',
      parameters: {},
      forSymbol: (symbol) => ({ decide: () => HOLD, orders: symbol === 'SAP' ? orders : () => [] }),
    };
    const journal = new MemoryJournal(['EURUSD', 'SAP'], { keep: true });
    const result = runHistoricalSession(session([], { strategy, journal }));
    const refused = [...journal.entries()].filter(({ kind }) => kind === 'refusal');
    expect(refused).toMatchObject([{ code: 'order-request', value: REQUEST_FAULTS.length }]);
    expect(result.ledger.map(({ quantity }) => quantity)).toEqual([5]);
    expect(result.ledger[0]!.entryPrice).toBeCloseTo(102 * 1.2, 9);
  });

  it('limits its value at risk by moves of rates, where prices stand still', () => {
    const rates = barsOf('EURUSD', [1.1, 1, 1.1, 1, 1.1, 1, 1]);
    const still = barsOf('SAP', [100, 100, 100, 100, 100, 100], undefined, 1);
    const strategy: Strategy = {
      name: 'script',
      parameters: {},
      forSymbol: (symbol) => ({
        decide: (view) => (symbol === 'SAP' && view.length === 5 ? ruleSignal('BUY', 'x') : HOLD),
      }),
    };
    // Of four returns two are 1 / 1.1 - 1: a loss of 100 on 1,100, and a little more is allowed.
    const limits = { ...NAMED_LIMITS.unbounded, valueAtRisk: { level: 0.75, bars: 4, fraction: 0.01001 } };
    const sizing = { kind: 'units', units: 50 } as const;
    const journal = new MemoryJournal(['EURUSD', 'SAP'], { keep: true });
    runHistoricalSession(session([], { bars: [rates, still], strategy, limits, sizing, journal }));
    const orders = [...journal.entries()].filter(({ kind }) => kind === 'order');
    expect(orders).toMatchObject([{ quantity: 11, clippedBy: 'value-at-risk' }]);
  });

  it('takes an inverse rate, and a currency that only the experiment knows', () => {
    const yen = barsOf('USDJPY', [125, 125, 100, 100, 100]);
    const rule = { account: 'USD', rates: { JPY: { symbol: 'USDJPY', inverse: true } }, symbols: { SAP: 'JPY' } };
    const instruments = [testInstrument('USDJPY'), testInstrument('SAP')];
    const { equity } = runHistoricalSession(session([], { bars: [yen, SAP], instruments, currencies: rule }));
    // 102 yen at 125 to the dollar, then 109 at 100.
    const [paid, got] = [(102 / 125) * 10, (109 / 100) * 10];
    expect(equity.at(-1)).toBeCloseTo(10_000 - paid + got - 0.001 * (paid + got), 8);
  });
});

describe('a rate that is missing for a while', () => {
  /** Rates of days 0 to 4 and of day 20 on: SAP trades on all of them from day 1. */
  const rates = joined(barsOf('EURUSD', [1.1, 1.2, 1.25, 1.2, 1.3]), barsOf('EURUSD', [1.5, 1.6, 1.6], undefined, 20));
  const prices = Array.from({ length: 22 }, (_, at) => 100 + at);
  const sap = barsOf('SAP', prices, prices, 1);
  /** Buys on day 2 what it keeps, wants more on days 11 and 21, sells some on day 12. */
  const strategy: Strategy = {
    name: 'script',
    parameters: {},
    forSymbol: (symbol) => ({
      decide: () => HOLD,
      orders: ({ length }) => {
        if (symbol !== 'SAP') return [];
        const order = { do: 'place', type: 'market', label: `o${length}`, size: { units: 10 } } as const;
        if (length === 1 || length === 11 || length === 21) return [{ ...order, side: 'buy' }];
        return length === 12 ? [{ ...order, side: 'sell', size: { units: 4 } }] : [];
      },
    }),
  };
  const plan = (journal?: HistoricalSessionOptions['journal']) =>
    session([], { bars: [rates, sap], strategy, broker: simulatedBroker({}), ...(journal && { journal }) });

  it('values what is held at the last one, says so, and opens nothing until there is one again', () => {
    const journal = new MemoryJournal(['EURUSD', 'SAP'], { keep: true });
    const result = runHistoricalSession(plan(journal));
    const entries = [...journal.entries()];
    const fills = entries.filter((entry) => entry.kind === 'fill');
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([
      [10, 101 * 1.2],
      [-4, expect.closeTo(112 * 1.3, 9) as number],
      [10, expect.closeTo(121 * 1.6, 9) as number],
    ]);
    expect(result.refusals).toMatchObject([{ code: 'no-rate', symbol: 'SAP', stage: 'risk' }]);
    expect(result.refusals[0]!.reason).toMatch(/last rate of its currency is 7.0 days old, 5 allowed/);
    expect(result.reasons).toEqual([
      'rates: EURUSD gives none from EUR to USD between 1970-01-05 and 1970-01-21: ' +
        'what was held was valued at the last one, and nothing was opened in EUR',
    ]);
    // Day by day at 1.3, the last that is known, and at 1.5 once there is one.
    const cash = 10_000 - 10 * 101 * 1.2;
    const day = (at: number): number => result.equity[result.timeMs.indexOf(at * DAY_MS + 20 * HOUR_MS)]!;
    expect(day(9)).toBeCloseTo(cash + 10 * 108 * 1.3, 8);
    expect(day(19)).toBeCloseTo(cash + 4 * 112 * 1.3 + 6 * 118 * 1.3, 8);
    expect(day(20)).toBeCloseTo(cash + 4 * 112 * 1.3 + 6 * 119 * 1.5, 8);
    expect([...result.equity].every(Number.isFinite)).toBe(true);
  });

  it('does so in a paper session too', async () => {
    const { bars, ...rest } = plan();
    const paper = await runPaperSession({
      ...rest,
      sessionId: 'missing rates',
      feed: replayFeed(bars, INSTRUMENTS),
      journal: new KeptJournal(['EURUSD', 'SAP']),
      clock: () => 0,
    });
    const backtest = runHistoricalSession(plan());
    expect(paper.journalHash).toBe(backtest.journalHash);
    expect([paper.refused, paper.reasons]).toEqual([backtest.refused, backtest.reasons]);
  });

  it('says nothing of a rate that pauses no longer than a long weekend', () => {
    const pause = joined(barsOf('EURUSD', [1.1, 1.2]), barsOf('EURUSD', [1.3], undefined, 6));
    const result = runHistoricalSession(
      session([], { bars: [pause, barsOf('SAP', [100, 104, 110, 108, 107], undefined, 1)] }),
    );
    expect([result.fills, result.refused, result.reasons]).toEqual([2, [], []]);
  });
});

describe('AccountCurrency', () => {
  it('keeps high and low around an open that was converted at another rate', () => {
    const account = AccountCurrency.of(RULE, INSTRUMENTS)!;
    const [, sap] = account.columns([FX, SAP]);
    expect([...sap!.open].map((open) => Number(open.toFixed(9)))).toEqual([110, 122.4, 132.5, 130.8]);
    for (let row = 0; row < sap!.length; row++) {
      expect(sap!.high[row]).toBeGreaterThanOrEqual(Math.max(sap!.open[row]!, sap!.close[row]!));
      expect(sap!.low[row]).toBeLessThanOrEqual(Math.min(sap!.open[row]!, sap!.close[row]!));
    }
    expect(account.instruments.map(({ currency }) => currency)).toEqual(['USD', 'USD']);
  });

  it('converts nothing of one currency, and takes coins that stand for a dollar at par', () => {
    const dollars = [testInstrument('A'), testInstrument('B', { currency: 'USDT' })];
    expect(AccountCurrency.of(undefined, dollars)).toBeNull();
    expect(AccountCurrency.of({ account: 'USD', rates: {} }, dollars)!.columns([FX, SAP])).toEqual([FX, SAP]);
  });

  it('refuses by name what has no rate', () => {
    expect(() => AccountCurrency.of(undefined, INSTRUMENTS)).toThrow(/EURUSD is quoted in USD and SAP in EUR/);
    expect(() => AccountCurrency.of({ account: 'USD', rates: {} }, INSTRUMENTS)).toThrow(/SAP is quoted in EUR/);
    const elsewhere = { account: 'USD', rates: { EUR: 'EURUSDX' } };
    expect(() => AccountCurrency.of(elsewhere, INSTRUMENTS)).toThrow(/currencies\.rates\.EUR: EURUSDX is no symbol/);
  });

  it('refuses finer bars of what is converted, and takes those of what is not', () => {
    const account = AccountCurrency.of(RULE, INSTRUMENTS)!;
    expect(() => account.requirePlain([FX, undefined])).not.toThrow();
    expect(() => account.requirePlain([undefined, SAP])).toThrow(/SAP is converted to USD bar by bar/);
  });

  it('refuses a bar from before the first rate', () => {
    const early = barsOf('SAP', [100], [100], 0);
    const run = () => runHistoricalSession(session([], { bars: [FX, early] }));
    expect(run).toThrow(/no rate from EUR to USD at 1970-01-01.*begin later/);
  });
});

describe('a table of instruments', () => {
  const ruled = (rules: NonNullable<Instrument['rules']>): readonly Instrument[] => [
    INSTRUMENTS[0]!,
    { ...INSTRUMENTS[1]!, rules },
  ];

  it('holds for what is converted but for its ticks, which are of the other currency', () => {
    const rules = { ticks: [{ from: 0, tick: 0.5 }], maximumQuantity: 7 };
    const [rate, converted] = AccountCurrency.of(RULE, ruled(rules))!.instruments;
    expect(rate).toEqual(INSTRUMENTS[0]);
    expect(converted).toMatchObject({ currency: 'USD', assetClass: 'unknown', rules: { maximumQuantity: 7 } });
    expect(priceGridOf(converted!)).toBeNull();
  });

  it('may not name the least value of an order in another currency', () => {
    expect(() => AccountCurrency.of(RULE, ruled({ minimumNotional: 100 }))).toThrow(
      /SAP is converted from EUR to USD, and minimumNotional of the table of instruments is not/,
    );
  });
});
