import { describe, expect, it } from 'vitest';
import type { PlaceOrder } from '../../orders/order-request.ts';
import { friday, monday, TIMES, traded, order, at, type Moves, type Said } from './testing/extended-session.ts';

describe('before the open and after the close', () => {
  it.each<[string, Partial<PlaceOrder>]>([
    ['until cancelled', {}],
    ['for the day', { tif: 'day' }],
    ['until a time', { tif: 'gtd', expiresMs: friday('12:00') }],
  ])('a limit %s is filled at its price', (_, more) => {
    const early = traded(
      at(friday('04:30'), order({ type: 'limit', limit: 99, ...more })),
      new Map([[friday('05:00'), [100, 100, 98, 100]]]),
    );
    expect(early.fills).toEqual([[10, 99, friday('05:30')]]);
  });

  it('a limit for the day works until 20:00, and not on Monday', () => {
    const told = at(friday('17:00'), order({ type: 'limit', limit: 99, tif: 'day' }));
    const late = traded(told, new Map([[friday('19:30'), [100, 100, 98, 100]]]));
    expect(late.fills).toEqual([[10, 99, friday('20:00')]]);
    const gone = traded(told, new Map([[monday('04:00'), [100, 100, 98, 100]]]));
    expect([gone.fills, gone.codes]).toEqual([[], ['time-in-force']]);
  });

  const dips: Moves = new Map([
    [friday('08:00'), [100, 100, 90, 100]],
    [friday('17:00'), [100, 100, 90, 100]],
    [monday('09:00'), [100, 100, 90, 97]],
    [monday('09:30'), [94, 96, 93, 96]],
  ]);

  it.each<[string, Partial<PlaceOrder>, number]>([
    ['a stop', { type: 'stop', stop: 95 }, 94],
    ['a stop-limit', { type: 'stop-limit', stop: 95, limit: 92 }, 94],
    ['one of a group', { type: 'stop', stop: 95, group: 'g' }, 94],
  ])('%s triggers in regular hours alone: at the open that gapped', (_, more, price) => {
    const exit = order({ label: 'out', side: 'sell', reduceOnly: true, ...more });
    const said: Said = new Map([
      [friday('04:30'), [order({ type: 'limit', limit: 100 })]],
      [friday('06:00'), [exit]],
    ]);
    for (const intrabar of ['stop-first', 'open-high-low-close', 'trail-in-bar'] as const) {
      expect(traded(said, dips, { costs: { intrabar } }).fills).toEqual([
        [10, 100, friday('05:00')],
        [-10, price, monday('10:00')],
      ]);
    }
  });

  it('a trailing stop follows nothing but regular hours', () => {
    const trail = order({ label: 'out', side: 'sell', reduceOnly: true, type: 'trailing', trail: { price: 5 } });
    const said: Said = new Map([
      [friday('04:30'), [order({ type: 'limit', limit: 100 })]],
      [friday('06:00'), [trail]],
    ]);
    const up: Moves = new Map([
      [friday('08:00'), [100, 130, 100, 100]],
      [friday('12:00'), [100, 102, 100, 100]],
      [friday('18:00'), [100, 130, 90, 100]],
      [monday('12:00'), [100, 100, 96.5, 100]],
    ]);
    expect(traded(said, up).fills.slice(1)).toEqual([[-10, 97, monday('12:30')]]);
  });

  it('limits that hang together rest, and so does one that protects', () => {
    const pair = order({ type: 'limit', limit: 99, group: 'g' });
    const low: Moves = new Map([
      [friday('08:00'), [100, 100, 98, 100]],
      [friday('11:00'), [100, 100, 98, 100]],
    ]);
    expect(traded(at(friday('06:00'), pair), low).fills).toEqual([[10, 99, friday('11:30')]]);
    const protection = { stopLoss: null, takeProfit: { price: 2 }, trailing: null };
    const high: Moves = new Map([
      [friday('17:00'), [100, 103, 100, 100]],
      [monday('10:00'), [100, 103, 100, 100]],
    ]);
    expect(traded(new Map([[friday('12:00'), 'BUY']]), high, { protection }).fills).toEqual([
      [10, 100, friday('12:00')],
      [-10, 102, monday('10:30')],
    ]);
  });

  it('exits that an entry triggers inside a bar wait for regular hours', () => {
    const said = at(
      friday('06:00'),
      order({ type: 'limit', limit: 99 }),
      order({
        label: 'stop',
        after: 'one',
        side: 'sell',
        size: 'position',
        type: 'stop',
        stop: 98.5,
        reduceOnly: true,
      }),
    );
    const low: Moves = new Map([
      [friday('08:00'), [100, 100, 98, 100]],
      [friday('11:00'), [100, 100, 98, 100]],
    ]);
    expect(traded(said, low).fills).toEqual([
      [10, 99, friday('08:30')],
      [-10, 98.5, friday('11:30')],
    ]);
  });

  it('auctions are those of the regular hours', () => {
    const moves: Moves = new Map([
      [friday('09:30'), [101, 101, 101, 101]],
      [friday('15:30'), [103, 104, 103, 104]],
      [monday('04:00'), [110, 110, 110, 110]],
      [monday('09:30'), [102, 102, 102, 102]],
    ]);
    const opening = order({ tif: 'on-open' });
    expect(traded(at(friday('08:00'), opening), moves).fills).toEqual([[10, 101, friday('09:30')]]);
    expect(traded(at(friday('10:00'), opening), moves).fills).toEqual([[10, 102, monday('09:30')]]);
    expect(traded(at(friday('17:00'), opening), moves).fills).toEqual([[10, 102, monday('09:30')]]);
    const closing = order({ tif: 'on-close' });
    expect(traded(at(friday('08:00'), closing), moves).fills).toEqual([[10, 104, friday('16:00')]]);
    const late = traded(at(friday('17:00'), closing), moves);
    expect(late.fills).toEqual([[10, 100, monday('16:00')]]);
  });

  it('what works for the day in regular hours ends with these', () => {
    const said = at(friday('12:00'), order({ type: 'stop', stop: 101, tif: 'day' }));
    const { fills, codes, result } = traded(said, new Map([[monday('12:00'), [100, 102, 100, 100]]]));
    expect([fills, codes]).toEqual([[], ['time-in-force']]);
    expect(result.refusals[0]!.timeMs).toBe(friday('16:00'));
  });

  it('a market order of the last regular minutes waits for regular hours where nothing was traded', () => {
    // Decided within them, at 9:30 to the millisecond, it takes that open.
    expect(traded(new Map([[friday('09:30'), 'BUY']])).fills).toEqual([[10, 100, friday('09:30')]]);
    expect(traded(new Map([[friday('15:30'), 'BUY']])).fills).toEqual([[10, 100, friday('15:30')]]);
  });
});

const MARKET =
  'a market order outside of the regular hours, in which only limits are executed: set ' +
  'execution.extendedHours: { maxSlippageBps: 30 }, place a limit, or wait for the open';
const SHUT = 'a market order at the end of the last hours of the day: nothing is executed before the next ones begin';
const AT_ONCE =
  'ioc and fok are not taken outside of the regular hours: use a limit that works for the day or until cancelled';

describe('a market order', () => {
  it.each(['04:30', '09:00', '16:00', '19:30'])('of a signal at %s is refused, and says what to do', (time) => {
    const { fills, refusals } = traded(new Map([[friday(time), 'BUY']]));
    expect([fills, refusals]).toEqual([[], [MARKET]]);
  });

  it('is refused of a strategy of its own, with any condition; of a limit that is to be filled at once, too', () => {
    expect(traded(at(friday('08:00'), order({}))).refusals).toEqual([MARKET]);
    expect(traded(at(friday('08:00'), order({ tif: 'ioc' }))).refusals).toEqual([MARKET]);
    expect(traded(at(friday('08:00'), order({ type: 'limit', limit: 101, tif: 'ioc' }))).refusals).toEqual([AT_ONCE]);
    expect(traded(at(friday('08:00'), order({ type: 'limit', limit: 101, tif: 'fok' }))).refusals).toEqual([AT_ONCE]);
  });

  it('with the close of the last hours is refused, bounded or not', () => {
    const execution = { extendedHours: { maxSlippageBps: 30, withinMinutes: 60 } };
    for (const more of [{}, { execution }]) {
      expect(traded(new Map([[friday('20:00'), 'BUY']]), new Map(), more).refusals).toEqual([SHUT]);
    }
  });

  it('in parts goes on in regular hours, and what remains of it is refused after them', () => {
    const execution = { entry: { kind: 'twap', slices: 4, withinMinutes: 120 } } as const;
    const { fills, refusals } = traded(new Map([[friday('15:00'), 'BUY']]), new Map(), { execution });
    expect(fills.map(([units]) => units)).toEqual([2, 3]);
    expect(refusals).toEqual([MARKET]);
  });
});

describe('execution.extendedHours', () => {
  const execution = { extendedHours: { maxSlippageBps: 100, withinMinutes: 90 } };

  it('makes a limit of a market order that follows the market up to its bound', () => {
    const away: Moves = new Map([
      [friday('17:00'), [100.4, 100.6, 100.4, 100.6]],
      [friday('17:30'), [100.6, 100.8, 100.5, 100.7]],
    ]);
    const { fills, refusals } = traded(new Map([[friday('17:00'), 'BUY']]), away, { execution });
    expect([fills, refusals]).toEqual([[[10, 100.6, friday('18:00')]], []]);
  });

  it('gives up beyond its bound, over its time, and at the open', () => {
    const gone: Moves = new Map([[friday('17:00'), [101.5, 102, 101.5, 102]]]);
    const beyond = traded(new Map([[friday('17:00'), 'BUY']]), gone, { execution });
    expect([beyond.fills, beyond.codes]).toEqual([[], ['execution-bound']]);
    const run: Moves = new Map(
      TIMES.map((time, row) => [friday(time), [100 + row / 50, 100 + row / 50, 100 + row / 50, 100 + row / 50 + 0.01]]),
    );
    const late = traded(new Map([[friday('17:00'), 'BUY']]), run, { execution });
    expect([late.fills, late.codes]).toEqual([[], ['execution-time']]);
    expect(late.result.refusals[0]!.timeMs).toBe(friday('18:30'));
    const atOpen = traded(new Map([[friday('09:00'), 'BUY']]), run, { execution });
    expect([atOpen.codes, atOpen.result.refusals[0]?.timeMs]).toEqual([['execution-time'], friday('09:30')]);
  });

  it('closes, too, and hears of another wish', () => {
    const said: Said = new Map([
      [friday('12:00'), 'BUY'],
      [friday('17:00'), 'SELL'],
    ]);
    expect(traded(said, new Map(), { execution }).fills).toEqual([
      [10, 100, friday('12:00')],
      [-10, 100, friday('17:30')],
    ]);
    const up: Moves = new Map([[friday('17:00'), [100.5, 100.5, 100.5, 100.5]]]);
    const turned: Said = new Map([
      [friday('17:00'), 'BUY'],
      [friday('17:30'), 'SELL'],
    ]);
    expect(traded(turned, up, { execution }).fills).toEqual([]);
  });

  it('bounds what a strategy places by itself, and no order of a group', () => {
    expect(traded(at(friday('08:00'), order({})), new Map(), { execution }).fills).toEqual([
      [10, 100, friday('08:30')],
    ]);
    const grouped = traded(at(friday('08:00'), order({ group: 'g' })), new Map(), { execution });
    expect([grouped.fills, grouped.refusals]).toEqual([[], [MARKET]]);
  });

  it.each<[string, Said]>([
    ['its opening', new Map([[friday('04:30'), 'BUY']])],
    [
      'its exit',
      new Map([
        [friday('10:00'), 'BUY'],
        [friday('17:00'), 'SELL'],
      ]),
    ],
    [
      'what it wants instead',
      new Map([
        [friday('04:30'), 'BUY'],
        [friday('05:00'), 'SELL'],
      ] as const),
    ],
  ])('does so of one of several strategies: %s', (_, said) => {
    const moves: Moves = new Map([
      [friday('05:00'), [100.5, 100.6, 100.4, 100.5]],
      [friday('17:30'), [99.5, 99.6, 99.4, 99.5]],
    ]);
    const one = traded(said, moves, { execution });
    const other = traded(said, moves, { execution, shared: true });
    expect(one.fills.length).toBeGreaterThan(0);
    expect(other.fills).toEqual(one.fills);
    const unbounded = { ...execution, entry: { kind: 'twap', slices: 2, withinMinutes: 60 } } as const;
    expect(traded(said, moves, { execution: unbounded, shared: true }).refusals).not.toContain(MARKET);
  });

  it('leaves market orders of the regular hours as they are', () => {
    const plain = traded(new Map([[friday('12:00'), 'BUY']]));
    const bounded = traded(new Map([[friday('12:00'), 'BUY']]), new Map(), { execution });
    expect(bounded.result.journalHash).toBe(plain.result.journalHash);
  });

  it('closes what an operator wants closed; without it that is refused until the open', () => {
    const timedCommands = [{ kind: 'command', timeMs: friday('17:00') + 1, command: 'flatten' }] as const;
    const said: Said = new Map([[friday('12:00'), 'BUY']]);
    const bounded = traded(said, new Map(), { execution, timedCommands });
    expect(bounded.fills[1]?.slice(0, 2)).toEqual([-10, 100]);
    expect(bounded.fills[1]![2]).toBeLessThan(friday('18:30'));
    // While the market runs away from it there is one that closes, and no other is asked for.
    const away: Moves = new Map([
      [friday('17:00'), [99.8, 99.8, 99.8, 99.8]],
      [friday('17:30'), [99.6, 99.6, 99.6, 99.6]],
      [friday('18:00'), [99.6, 99.6, 99.6, 99.6]],
    ]);
    const chased = traded(said, away, { execution, timedCommands });
    expect([chased.fills[1]?.slice(0, 2), chased.codes]).toEqual([[-10, 99.6], []]);
    const plain = traded(said, new Map(), { timedCommands });
    expect(plain.fills[1]).toEqual([-10, 100, monday('09:30')]);
    expect(new Set(plain.refusals)).toEqual(new Set([MARKET, SHUT]));
  });
});

it('a session in extended hours says what acts there', () => {
  const protection = { stopLoss: { percent: 0.1 }, takeProfit: null, trailing: null };
  expect(traded(new Map(), new Map(), { protection }).result.reasons).toEqual([
    expect.stringContaining('so that nothing protects a position outside of them'),
    'market orders are refused there: execution.extendedHours: { maxSlippageBps: 30 } would bound them',
  ]);
});
