import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../../models/experiment/experiment.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { dialectBars, dialectSession } from '../../testing/dialect-session.ts';
import { testInstrument } from '../../testing/random-walk-bars.ts';
import { simulatedBroker } from '../simulated/simulated-broker.ts';

// More tables of vectorbt, tests/test_portfolio.py (Apache-2.0 with the Commons Clause), as facts: entries that add,
// what an opposite entry does, and several symbols that share one cash. A row is bar, units and price.

const CLOSES = [1, 2, 3, 4, 5];
type Row = readonly [bar: number, units: number];

const market = (units: number, more: Partial<PlaceOrder> = {}): PlaceOrder => ({
  ...{ do: 'place', label: 'one', type: 'market', side: units > 0 ? 'buy' : 'sell', size: { units: Math.abs(units) } },
  ...more,
});

const unitsOf = (options: Parameters<typeof dialectSession>[1], closes: readonly number[] = CLOSES): Row[] =>
  dialectSession(dialectBars(closes), {
    ...options,
    ...{ lot: 1e-8, capital: 100, costs: { fill: 'same-close' } },
  }).fills.map(({ bar, quantity }) => [bar, quantity]);

describe('vectorbt from_signals: entries in bars 0 and 1, exits in 3 and 4', () => {
  // Entries that add and exits that close are a strategy's own orders: signals bring a position to a target.
  it.each<[string, readonly Row[]]>([
    [
      'addonly, both directions: an exit closes all and turns by one',
      [
        [0, 1],
        [1, 1],
        [3, -3],
        [4, -1],
      ],
    ],
    [
      'removeonly, both directions: an exit takes one',
      [
        [0, 1],
        [3, -1],
        [4, -1],
      ],
    ],
    [
      'both, both directions',
      [
        [0, 1],
        [1, 1],
        [3, -1],
        [4, -1],
      ],
    ],
    [
      'addonly, long only',
      [
        [0, 1],
        [1, 1],
        [3, -2],
      ],
    ],
    [
      'both, long only',
      [
        [0, 1],
        [1, 1],
        [3, -1],
        [4, -1],
      ],
    ],
    [
      'both, short only',
      [
        [0, -1],
        [1, -1],
        [3, 1],
        [4, 1],
      ],
    ],
  ])('accumulate %s', (_, rows) => {
    const orders = Object.fromEntries(rows.map(([bar, units]) => [bar, [market(units)]]));
    expect(unitsOf({ orders })).toEqual(rows);
  });

  it.each<[string, string, readonly Row[]]>([
    ['ignored', 'L', [[0, 1]]],
    [
      'closes',
      'LXL',
      [
        [0, 1],
        [1, -1],
        [2, 1],
      ],
    ],
    [
      'closes, from short',
      'SXS',
      [
        [0, -1],
        [1, 1],
        [2, -1],
      ],
    ],
    [
      'reverses in one order',
      'LSL',
      [
        [0, 1],
        [1, -2],
        [2, 2],
      ],
    ],
    [
      'reverses in one order, from short',
      'SLS',
      [
        [0, -1],
        [1, 2],
        [2, -2],
      ],
    ],
  ])('an opposite entry %s', (_, signals, rows) => {
    expect(unitsOf({ signals, sizing: { kind: 'units', units: 1 } }, [1, 2, 3])).toEqual(rows);
  });

  it.each([
    [
      1,
      [
        [0, 1],
        [3, -2],
      ],
    ],
    [
      100,
      [
        [0, 1],
        [3, -2],
      ],
    ],
  ] as const)('an account that begins with %d', (capital, rows) => {
    const { fills } = dialectSession(dialectBars(CLOSES), {
      ...{ signals: 'L..S', sizing: { kind: 'units', units: 1 }, lot: 1e-8, capital, costs: { fill: 'same-close' } },
    });
    expect(fills.map(({ bar, quantity }) => [bar, quantity])).toEqual(rows);
  });
});

/** Symbols of one account, each told what to do at each close: `L` long, `X` flat. */
function sharedCash(told: readonly string[], limits: Partial<RiskLimits>): (readonly [number, number, number])[] {
  const symbols = told.map((_, at) => `S${at}`);
  const bars = symbols.map((symbol) => {
    const columns = createBarColumns(symbol, told[0]!.length);
    for (let row = 0; row < columns.length; row++) {
      for (const key of ['open', 'high', 'low', 'close'] as const) columns[key][row] = 1;
      columns.openTimeMs[row] = row * DAY_MS;
      columns.closeTimeMs[row] = (row + 1) * DAY_MS;
    }
    return columns;
  });
  let next = 0;
  const strategy: Strategy = {
    name: 'told',
    parameters: {},
    forSymbol: () => {
      const words = told[next++]!;
      return {
        decide: ({ length }) => {
          const word = words[length - 1];
          if (word === 'L') return ruleSignal('BUY', 'told');
          return word === 'X' ? { ...ruleSignal('SELL', 'told'), target: 0 } : HOLD;
        },
      };
    },
  };
  const journal = new MemoryJournal(symbols, { keep: true });
  runHistoricalSession({
    bars,
    instruments: symbols.map((symbol) => testInstrument(symbol, { lot: 1e-8 })),
    strategy,
    sizing: { kind: 'all-in' },
    limits: { ...NAMED_LIMITS.unbounded, ...limits },
    broker: simulatedBroker({ fill: 'same-close' }),
    capital: 100,
    journal,
  });
  return [...journal.entries()].flatMap((entry) =>
    entry.kind === 'fill' ? [[entry.symbol, entry.timeMs / DAY_MS - 1, entry.quantity] as const] : [],
  );
}

describe('vectorbt cash_sharing', () => {
  // One symbol takes all of it: what comes after it in the universe finds none.
  it('is one account: the first of the universe takes what there is', () => {
    expect(sharedCash(['L...X', 'L...X'], {})).toEqual([
      [0, 0, 100],
      [0, 4, -100],
    ]);
  });

  // Risk counts what is held until it is sold; credit lets the next order in, and the venue sells first.
  it("call_seq='auto', long only, all in: sales pay for the purchases of the same close", () => {
    const told = ['..LX.', '.LX.L', 'LX.LX'];
    const auto = [
      [2, 0, 100],
      [2, 1, -100],
      [1, 1, 100],
      [1, 2, -100],
      [0, 2, 100],
      [0, 3, -100],
      [2, 3, 100],
      [2, 4, -100],
      [1, 4, 100],
    ];
    expect(sharedCash(told, { margin: { initial: 0.5, maintenance: 0.25 } })).toEqual(auto);
    expect(sharedCash(told, {})).toEqual([
      [2, 0, 100],
      [2, 1, -100],
      [0, 2, 100],
      [0, 3, -100],
      [1, 4, 100],
    ]);
  });
});
