import { describe, expect, it } from 'vitest';
import type { Effect } from '../../effect.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import { setUp, type Word } from '../../testing/walked-engine.ts';

const closes = [
  [100, 101, 99, 102, 103, 101, 100, 98],
  [50, 51, 50, 52, 49, 50, 51, 52],
];
const words: Word[][] = [
  ['HOLD', 'BUY', 'HOLD', 'HOLD', 'HOLD', 'SELL', 'HOLD', 'HOLD'],
  ['HOLD', 'HOLD', 'BUY', 'HOLD', 'HOLD', 'HOLD', 'HOLD', 'HOLD'],
];
const limits = { positionFraction: 0.3, grossExposureFraction: 0.5, ordersPerMinute: 4, openOrders: 4 };
const base = { do: 'place', symbol: 'S0', side: 'buy', quantity: 5, type: 'market' } as const;
const ORDERS: readonly AskedPlace[] = [
  base,
  { ...base, quantity: 1_000 },
  { ...base, quantity: 0.2 },
  { ...base, side: 'sell', quantity: 3, reduceOnly: true },
  { ...base, side: 'sell', quantity: 40 },
  { ...base, type: 'limit', limit: 90 },
  { ...base, type: 'stop', stop: 120, quantity: 7 },
  { ...base, type: 'stop-limit', stop: 120, limit: 121, tif: 'day' },
  { ...base, quantity: -1 },
  { ...base, type: 'limit' },
];

const walked = (more: Partial<Parameters<typeof setUp>[0]>) => setUp({ closes, words, limits, ...more });

/** What became of an order that was asked for, in the words of what was foreseen. */
function cameOf(effects: readonly Effect[]): unknown {
  const order = effects.find((effect) => effect.kind === 'order');
  if (order !== undefined) {
    const { quantity, price, reduces, clippedBy } = order;
    return { kind: 'foreseen', quantity: Math.abs(quantity), price, reduces, clippedBy, inParts: false };
  }
  const refusal = effects.find((effect) => effect.kind === 'refusal')!;
  return { kind: 'refused', code: refusal.code, value: refusal.value, limit: refusal.limit };
}

const protection = {
  stopLoss: { percent: 0.05 },
  takeProfit: null,
  trailing: null,
  trailingAfter: null,
} as const;

describe.each([
  [
    'as a strategy places its own',
    { takesOrders: true },
    ['approved', 'nothing-to-reduce', 'order-request', 'gross-exposure', 'open-orders'],
  ],
  ['beside protection', { takesOrders: true, protection }, ['approved', 'asked-beside-protection', 'order-working']],
])('what would become of an order, %s', (_how, more, answers) => {
  it('is what becomes of it, and leaves not a bit behind', () => {
    const seen = new Set<unknown>();
    const { engine, close, fill } = walked(more);
    for (let bar = 0; bar < closes[0]!.length; bar++) {
      for (const effect of close()) if (effect.kind === 'order') fill(effect.sequence, effect.quantity || 10);
      const timeMs = (bar + 1) * 60_000;
      for (const symbol of [0, 1]) {
        const before = JSON.stringify(engine.memory.save());
        const foreseen = ORDERS.map((order) => engine.foresee({ timeMs, symbol }, order));
        expect(JSON.stringify(engine.memory.save())).toBe(before);
        const at = bar % ORDERS.length;
        const label = `asked ${bar} ${symbol}`;
        const came = cameOf(engine.handle({ kind: 'asked', timeMs, symbol, label, order: ORDERS[at]! }));
        expect(foreseen[at], `bar ${bar}, order ${at}`).toEqual(came);
        for (const one of foreseen) seen.add('code' in one ? one.code : (one.clippedBy ?? 'approved'));
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining(answers));
  });

  it('says why it would be refused while nothing may open', () => {
    const { engine, close, command } = walked(more);
    close();
    command('halt');
    expect(engine.foresee({ timeMs: 60_000, symbol: 0 }, base)).toMatchObject({ kind: 'refused', code: 'halted' });
    command('emergency-stop');
    expect(engine.foresee({ timeMs: 60_000, symbol: 0 }, base)).toMatchObject({ code: 'emergency-stop' });
  });
});
