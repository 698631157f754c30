import { describe, expect, it } from 'vitest';
import type { Effect } from '../../effect.ts';
import { OrderCounts } from './order-counts.ts';
import { StageTimes } from './stage-times.ts';

const order = (sequence: number, type: string | null): Effect =>
  ({ kind: 'order', sequence, terms: type === null ? null : { type } }) as unknown as Effect;
const fill = (sequence: number, more: object = {}): Effect =>
  ({ kind: 'fill', sequence, quantity: -10, price: 5, fee: 0.5, final: true, ...more }) as unknown as Effect;

describe('counts of a session', () => {
  it('know what kind of order an execution is of, and forget an order that is done', () => {
    const counts = new OrderCounts();
    counts.hear(order(1, 'limit'));
    counts.hear(order(2, null));
    counts.hear(fill(1, { final: false }));
    counts.hear(fill(1));
    counts.hear(fill(2));
    counts.hear(fill(1));
    expect(Object.fromEntries(counts.orders)).toMatchObject({ limit: 1, market: 1, stop: 0 });
    expect(Object.fromEntries(counts.fills)).toMatchObject({ limit: 2, market: 1, unknown: 1 });
    expect(counts.notional.get('')).toBe(200);
    expect(counts.fees.get('')).toBe(2);
  });

  it('take no execution that a venue takes back as one, and no rebate as a fee that falls', () => {
    const counts = new OrderCounts();
    counts.hear(fill(1, { takesBack: true }));
    counts.hear(fill(1, { fee: -0.2 }));
    expect([counts.fills.get('unknown'), counts.notional.get(''), counts.fees.get('')]).toEqual([1, 50, 0]);
  });

  it('tell differences between books and venue apart from other refusals, and rejects, and stops', () => {
    const counts = new OrderCounts();
    const refusal = (code: string): Effect => ({ kind: 'refusal', code }) as unknown as Effect;
    for (const code of ['cooldown', 'foreign-fill', 'cooldown']) counts.hear(refusal(code));
    counts.hear({ kind: 'order-update', sequence: 1, state: 'REJECTED' } as unknown as Effect);
    counts.hear({ kind: 'state', state: 'stop-flatten', cause: 'drawdown' } as unknown as Effect);
    expect(Object.fromEntries(counts.refusals)).toEqual({ cooldown: 2, 'foreign-fill': 1 });
    expect([counts.mismatches.get(''), counts.updates.get('REJECTED'), counts.stops.get('')]).toEqual([1, 1, 1]);
  });
});

describe('stages of orders', () => {
  it('are told once each, as soon as both ends are known, and never below 0', () => {
    const times = new StageTimes();
    const told = (rows: [number, object][]) => [...times.fresh(new Map(rows))].map(({ stage, ms }) => `${stage} ${ms}`);
    expect(told([[1, { arrived: 10, decided: 12 }]])).toEqual(['decided 2']);
    expect(told([[1, { arrived: 10, decided: 12, committed: 15, sent: 16 }]])).toEqual([
      'committed 3',
      'sent 1',
      'bar-to-sent 6',
    ]);
    const all = { arrived: 10, decided: 12, committed: 15, sent: 16, acknowledged: 30, filled: 29 };
    expect(told([[1, all]])).toEqual(['acknowledged 14', 'filled 0', 'bar-to-fill 19']);
    expect(told([[1, all]])).toEqual([]);
    expect(told([[2, { decided: 5, committed: 6, filled: 9 }]])).toEqual(['committed 1', 'filled 3']);
  });
});
