import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, expectTypeOf, it } from 'vitest';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { MemoryJournal } from '../../journal/memory-journal.ts';
import type { OrderAction, PlaceOrder } from '../../orders/order-request.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../sessions/historical-session.ts';
import type { SessionResult } from '../../session-result.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { HOLD, type OrderBook, type Strategy } from '../strategy.ts';
import { loadOwnStrategy } from './load-own-strategy.ts';
import { ordersOf } from './own-orders.ts';
import type { StrategyBook, StrategyOrder, StrategyPlacedOrder } from './own-strategy.ts';

const EXAMPLE = join(import.meta.dirname, 'example/dip-bracket.ts');
const folder = mkdtempSync(join(tmpdir(), 'own-orders-'));
afterAll(() => rmSync(folder, { recursive: true }));

function optionsOf(strategy: Strategy): HistoricalSessionOptions {
  return {
    bars: [randomWalkBars('AAA', 250, { seed: 8, sigma: 0.01 })],
    instruments: [testInstrument('AAA')],
    strategy,
    sizing: { kind: 'all-in' },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 1 }),
    capital: 1e6,
  };
}

const session = (strategy: Strategy): SessionResult => runHistoricalSession(optionsOf(strategy));

/** The example's text with `orders` answering otherwise. */
function answering(body: string): Strategy {
  const example = readFileSync(EXAMPLE, 'utf8').replace('orders(_view', 'orders(view');
  const text = example.replace(
    'if (position !== 0) return [];',
    `if (view.length === 3) { ${body} } if (position !== 0) return [];`,
  );
  const path = join(folder, `mine-${body.length}.ts`);
  writeFileSync(path, text);
  return loadOwnStrategy(path, { inThisThread: true });
}

describe('orders of a user’s strategy', () => {
  it('are placed as those of a strategy in this program, in a thread of its own and in this one', () => {
    const inside: Strategy = {
      name: 'inside',
      parameters: {},
      forSymbol: () => ({
        decide: () => HOLD,
        orders: (view, { position, working }): readonly OrderAction[] => {
          if (position !== 0) return [];
          const limit = view.close() * (1 - 0.01);
          if (working.length > 0) {
            return [
              { do: 'amend', label: 'entry', limit },
              { do: 'amend', label: 'stop', stop: limit * (1 - 0.02) },
              { do: 'amend', label: 'target', limit: limit * (1 + 0.03) },
            ];
          }
          const exit = { do: 'place', side: 'sell', size: 'position', reduceOnly: true } as const;
          const last = { group: 'exits', after: 'entry' };
          return [
            { do: 'place', label: 'entry', side: 'buy', type: 'limit', limit, size: { equityShare: 0.2 } },
            { ...exit, ...last, label: 'stop', type: 'stop', stop: limit * (1 - 0.02) },
            { ...exit, ...last, label: 'target', type: 'limit', limit: limit * (1 + 0.03) },
          ];
        },
      }),
    };
    const expected = session(inside);
    expect(expected.ledger.length).toBeGreaterThan(10);
    expect(new Set(expected.ledger.map(({ exit }) => exit))).toContain('order');
    expect(session(loadOwnStrategy(EXAMPLE)).journalHash).toBe(expected.journalHash);
    const here = session(loadOwnStrategy(EXAMPLE, { inThisThread: true }));
    expect(here.journalHash).toBe(expected.journalHash);
    // What waits at the end expires; nothing else was refused.
    expect(new Set(here.refusals.map(({ code }) => code))).toEqual(new Set(['expired']));
  });

  it.each([
    ["throw new Error('no idea');", 'strategy-threw'],
    ["return 'BUY' as unknown as [];", 'strategy-answer'],
    ["return [{ do: 'place', label: 'x' }] as unknown as [];", 'strategy-answer'],
    [
      "return [{ do: 'place', label: 'x', side: 'buy', type: 'limit', limit: NaN, size: { units: 1 } }];",
      'order-request',
    ],
    ["return [{ do: 'cancel', label: 'nobody' }];", 'order-request'],
    ['view.close(view.length); return [];', 'strategy-outside'],
  ])('where %s, that close is refused and the next is asked', (body, code) => {
    const result = session(answering(body));
    expect(result.refusals.map((refusal) => refusal.code)).toContain(code);
    expect(result.fills).toBeGreaterThan(5);
  });

  it('are at prices as traded, also after a split and a dividend, which their view does not show', () => {
    const bars = randomWalkBars('AAA', 250, { seed: 8, sigma: 0.01 });
    for (const field of ['open', 'high', 'low', 'close'] as const)
      for (let row = 120; row < 250; row++) bars[field][row]! /= 4;
    const at = (row: number) => ({ effectiveMs: bars.openTimeMs[row]!, knownAtMs: bars.openTimeMs[row]! });
    const dividend = { kind: 'dividend', value: bars.close[179]! / 5, ...at(180) } as const;
    const journal = new MemoryJournal(['AAA'], { keep: true });
    runHistoricalSession({
      ...optionsOf(loadOwnStrategy(EXAMPLE, { inThisThread: true })),
      bars: [bars],
      actions: [[{ kind: 'split', value: 4, ...at(120) }, dividend]],
      journal,
    });
    const entries = [...journal.entries()];
    const closeAt = (timeMs: number): number => bars.close[bars.closeTimeMs.findLastIndex((ms) => ms <= timeMs)]!;
    const asked = entries.filter((one) => one.kind === 'terms' && one.type === 'limit');
    for (const one of asked) expect((one as { price: number }).price / closeAt(one.timeMs)).toBeCloseTo(1, 1);
    const after = entries.filter(({ kind, timeMs }) => kind === 'fill' && timeMs > bars.closeTimeMs[180]!);
    expect(after.length).toBeGreaterThan(4);
  });

  it('are bounded in number, and have the types that this program has', () => {
    const cancel = { do: 'cancel', label: 'x' };
    expect(ordersOf(new Array(1_000).fill(cancel))).toHaveLength(1_000);
    expect(ordersOf(new Array(1_001).fill(cancel))).toMatchObject({ kind: 'refused', code: 'strategy-answer' });
    expectTypeOf<StrategyOrder>().toExtend<OrderAction>();
    expectTypeOf<PlaceOrder>().toExtend<StrategyPlacedOrder>();
    expectTypeOf<OrderBook>().toExtend<StrategyBook>();
  });
});
