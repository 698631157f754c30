import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../effect.ts';
import type { PlaceOrder } from '../../../orders/order-request.ts';
import type { SessionResult } from '../../../session-result.ts';
import { HOLD, ruleSignal, type Strategy, type StrategyAction } from '../../../strategies/strategy.ts';
import {
  runExtendedDays,
  type ExtendedBooks,
  type ExtendedOptions,
} from '../../../testing/venue/extended/extended-days.ts';
import { NEW_YORK_HOURS } from '../../../testing/venue/stand-in-market.ts';
import { buy } from '../../../testing/venue/scripted-strategy.ts';

// A session before the open, over the open and to after the close, at the venue that stands in for Alpaca, over the
// real SDK, in bars of half an hour. The clock goes forward on the weekend between its two days.

const friday = (time: string): number => Date.parse(`2025-03-07T${time}:00-05:00`);
const monday = (time: string): number => Date.parse(`2025-03-10T${time}:00-04:00`);

/** What is done, or said, at the close of bars, by symbol. */
type Script = Readonly<Record<string, ReadonlyMap<number, readonly StrategyAction[] | 'BUY' | 'SELL'>>>;

const scripted =
  (script: Script, places = true) =>
  (): Strategy => ({
    name: 'scripted',
    parameters: {},
    forSymbol: (symbol) => {
      const said = (ms: number) => script[symbol]?.get(ms) ?? [];
      return {
        save: () => null,
        restore: () => undefined,
        decide: (view) => {
          const word = said(view.closeTimeMs());
          return typeof word === 'string' ? ruleSignal(word, 'scripted') : HOLD;
        },
        ...(places
          ? {
              orders: (view) => {
                const actions = said(view.closeTimeMs());
                return typeof actions === 'string' ? [] : actions;
              },
            }
          : {}),
      };
    },
  });

const place = (more: Partial<PlaceOrder>): PlaceOrder => ({ ...buy, ...more });

type Fill = readonly [symbol: number, units: number, price: number];

const fillsOf = (effects: readonly Effect[]): Fill[] =>
  effects.flatMap((one) => (one.kind === 'fill' ? [[one.symbol, one.quantity, one.price] as const] : []));

const NAMES = ['AAPL', 'MSFT'];
const tripsOf = ({ ledger }: SessionResult) =>
  ledger.map(({ symbol, quantity, entryPrice, exitPrice }) => [symbol, quantity, entryPrice, exitPrice]);

/** The venue's books, the session's and those of the backtest of the same bars are the same. */
function expectSame({ venue, effects, live, history }: ExtendedBooks): void {
  const theirs = venue.books.executions.map(({ order, qty, price }) => [
    NAMES.indexOf(order.symbol),
    (order.side === 'buy' ? 1 : -1) * Number(qty / 1_000_000_000n),
    Number(price) / 1e9,
  ]);
  expect(fillsOf(effects)).toEqual(theirs);
  expect(tripsOf(live)).toEqual(tripsOf(history));
  expect(live.equity.at(-1)).toBe(history.equity.at(-1));
  // That its time is over the venue says by a state, the simulated one by a reason, too.
  const refused = ({ refusals }: SessionResult): string[] =>
    refusals.flatMap(({ symbol, code }) => (code === 'time-in-force' ? [] : [`${symbol} ${code}`])).sort();
  expect(refused(live)).toEqual(refused(history));
  const outside = venue.books.executions.filter(({ timeMs }) => !NEW_YORK_HOURS.isOpen(timeMs));
  expect(outside.every(({ order }) => order.extendedHours && order.type === 'limit')).toBe(true);
  const names = venue.books.orders.map(({ clientOrderId }) => clientOrderId);
  expect(new Set(names).size).toBe(names.length);
}

const moves = (of: readonly (readonly [number, readonly number[]])[]) => new Map(of);

describe('a session in extended hours', () => {
  const prices: Readonly<Record<string, ReadonlyMap<number, readonly number[]>>> = {
    AAPL: moves([
      [friday('05:00'), [100, 99, 100]],
      [friday('17:00'), [100, 102, 100]],
      [monday('04:30'), [100, 98, 100]],
    ]),
    MSFT: moves([
      // A stop that rests is passed before the open and after the close, and nothing comes of it.
      [friday('17:30'), [100, 90, 100]],
      [monday('07:00'), [100, 90, 100]],
      [monday('11:00'), [100, 95, 95]],
    ]),
  };
  const after11 = (openMs: number): number => (openMs >= monday('11:30') ? 95 : 100);
  const options: ExtendedOptions = {
    symbols: NAMES,
    from: '2025-03-07',
    to: '2025-03-10',
    prices: (symbol, openMs) => prices[symbol]!.get(openMs) ?? [symbol === 'MSFT' ? after11(openMs) : 100],
    strategy: scripted({
      AAPL: new Map<number, readonly StrategyAction[]>([
        [friday('04:30'), [place({ type: 'limit', limit: 99 })]],
        [friday('08:00'), [place({ label: 'more' })]],
        [friday('08:30'), [place({ label: 'now', type: 'limit', limit: 101, tif: 'ioc' })]],
        [friday('16:30'), [place({ label: 'out', side: 'sell', type: 'limit', limit: 102 })]],
        [friday('18:00'), [place({ label: 'day', type: 'limit', limit: 98, tif: 'day' })]],
        [friday('19:00'), [place({ label: 'rests', type: 'limit', limit: 98 })]],
        [friday('20:00'), [place({ label: 'late' })]],
      ]),
      MSFT: new Map<number, readonly StrategyAction[]>([
        [friday('08:00'), [place({ tif: 'on-open' })]],
        [
          friday('12:00'),
          [place({ label: 'stop', side: 'sell', type: 'stop', stop: 95, size: 'position', reduceOnly: true })],
        ],
      ]),
    }),
  };
  const expected: readonly Fill[] = [
    [0, 10, 99],
    [1, 10, 100],
    [0, -10, 102],
    [0, 10, 98],
    [1, -10, 95],
  ];

  it('has the books of the venue and of the backtest of the same bars', async () => {
    const books = await runExtendedDays(options);
    expect(fillsOf(books.effects)).toEqual(expected);
    expectSame(books);
    expect(books.live.refusals.map(({ code }) => code).sort()).toEqual([
      'extended-hours-at-once',
      'extended-hours-market',
      'extended-hours-shut',
    ]);
    expect(books.notes).toEqual([]);
  });

  // Bars after which it dies: before the open, over it, with orders that rest, with one that was filled in the bar, and
  // in the night between the days. None is decided with them: an opening that had not left would be lost.
  it.each([1, 2, 3, 5])('is the same through deaths, each %i points after its bar', async (points) => {
    const bars = [2, 3, 10, 12, 17, 26, 27, 29, 31, 33, 34, 40, 47];
    const books = await runExtendedDays({ ...options, dies: new Map(bars.map((bar) => [bar, points])) });
    expect(books.deaths).toBeGreaterThan(points === 1 ? 12 : 2);
    expect(fillsOf(books.effects)).toEqual(expected);
    expectSame(books);
  });
});

describe('a signal outside the regular hours', () => {
  const options: ExtendedOptions = {
    symbols: ['AAPL'],
    from: '2025-03-07',
    to: '2025-03-10',
    prices: (_, openMs) => (openMs < friday('17:00') ? [100] : openMs < friday('17:30') ? [100.4] : [100.6]),
    strategy: scripted(
      {
        AAPL: new Map<number, 'BUY' | 'SELL'>([
          [friday('08:00'), 'BUY'],
          [friday('17:00'), 'SELL'],
          [monday('08:00'), 'BUY'],
        ]),
      },
      false,
    ),
  };

  it('is refused in words where it has no bound, in every life alike', async () => {
    const books = await runExtendedDays({ ...options, dies: new Map([[9, 2]]) });
    expect(books.deaths).toBe(1);
    expect(fillsOf(books.effects)).toEqual([]);
    expect(books.venue.seen.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(books.live.refusals.map(({ reason }) => reason)[0]).toContain('set execution.extendedHours');
    expectSame(books);
  });

  it.each([0, 1, 2, 3, 4])('becomes a limit within its bound, through deaths too (%i)', async (points) => {
    const execution = { extendedHours: { maxSlippageBps: 100, withinMinutes: 45 } };
    const dies = points === 0 ? new Map<number, number>() : new Map([8, 9, 26, 27, 40, 41].map((bar) => [bar, points]));
    const books = await runExtendedDays({ ...options, execution, dies });
    expect(fillsOf(books.effects).map(([, units]) => units)).toEqual([10, -10, 10]);
    const posts = books.venue.seen.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(posts.every((body) => body.type === 'limit' && body.extended_hours === true)).toBe(true);
    if (points === 0) expect(books.notes).toEqual([]);
  });
});
