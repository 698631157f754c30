import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { INTRABAR_ORDERS, STOP_FILLS, type IntrabarOrder, type StopFill } from '../brokers/simulated/resting-orders.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { HOLD, ruleSignal, type Strategy } from '../strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from './historical-session.ts';

interface Rule {
  readonly stop: number;
  readonly target: number;
  readonly trail: number;
  readonly intrabar: IntrabarOrder;
  readonly stopFill: StopFill;
}

interface Closed {
  readonly entry: number;
  readonly exit: number;
  readonly bar: number;
  readonly why: string;
}

/** Where a trailing stop of a long position stands below a price: on the tick, away from the market. */
const trailed = (price: number, { trail }: Rule): number => Math.floor((price * (100 - trail)) / 100);

/** A long position of hundredths, bar by bar, with integers and no cleverness: what the engine is held against. */
function longTrades(bars: BarColumns, buys: readonly boolean[], rule: Rule): Closed[] {
  const cents = (value: number): number => Math.round(value * 100);
  const trades: Closed[] = [];
  let open: { entry: number; stop: number; target: number; trail: number; fresh: boolean } | null = null;
  let wanted = false;
  for (let bar = 0; bar < bars.length; bar++) {
    const [o, h, l] = [cents(bars.open[bar]!), cents(bars.high[bar]!), cents(bars.low[bar]!)];
    if (wanted && open === null) {
      open = {
        entry: o,
        stop: Math.floor((o * (100 - rule.stop)) / 100),
        target: Math.ceil((o * (100 + rule.target)) / 100),
        trail: trailed(o, rule),
        fresh: true,
      };
    }
    wanted = false;
    if (open !== null) {
      const closed = endOf(open, { o, h, l }, rule);
      if (closed !== null) {
        trades.push({ entry: open.entry, bar, ...closed });
        open = null;
      } else {
        open.trail = Math.max(open.trail, trailed(h, rule));
        open.fresh = false;
      }
    }
    if (buys[bar]! && open === null) wanted = true;
  }
  return trades;
}

function endOf(
  open: { stop: number; target: number; trail: number; fresh: boolean },
  { o, h, l }: { o: number; h: number; l: number },
  rule: Rule,
): { exit: number; why: string } | null {
  const stopsAt = (trail: number): { level: number; why: string } =>
    trail > open.stop ? { level: trail, why: 'trailing-stop' } : { level: open.stop, why: 'stop-loss' };
  const atOpen = stopsAt(open.trail);
  const comesBack = rule.stopFill === 'exact' || (rule.stopFill === 'in-range' && h >= atOpen.level);
  if (o <= atOpen.level) return { exit: comesBack ? atOpen.level : o, why: atOpen.why };
  if (o >= open.target) return { exit: o, why: 'take-profit' };
  const target = h >= open.target ? { exit: open.target, why: 'take-profit' } : null;
  if (rule.intrabar === 'open-high-low-close') {
    if (target !== null) return target;
    const inside = stopsAt(Math.max(open.trail, trailed(h, rule)));
    return l <= inside.level ? { exit: inside.level, why: inside.why } : null;
  }
  if (l <= atOpen.level) return { exit: atOpen.level, why: atOpen.why };
  if (target !== null || rule.intrabar === 'stop-first') return target;
  const raised = trailed(h, rule);
  if (raised <= open.trail || l > raised) return null;
  return { exit: open.fresh ? Math.max(l, open.trail) : raised, why: 'trailing-stop' };
}

function session(bars: BarColumns, buys: readonly boolean[], rule: Rule): HistoricalSessionOptions {
  const strategy: Strategy = {
    name: 'random',
    parameters: {},
    forSymbol: () => ({ decide: (view) => (buys[view.length - 1]! ? ruleSignal('BUY', 'random') : HOLD) }),
  };
  const { stop, target, trail, intrabar, stopFill } = rule;
  return {
    bars: [bars],
    instruments: [testInstrument(bars.symbol)],
    strategy,
    sizing: { kind: 'units', units: 1 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ intrabar, stopFill }),
    capital: 1_000,
    protection: {
      stopLoss: { percent: stop / 100 },
      takeProfit: { percent: target / 100 },
      trailing: { percent: trail / 100 },
    },
  };
}

const rules = fc.record({
  stop: fc.integer({ min: 1, max: 6 }),
  target: fc.integer({ min: 1, max: 8 }),
  trail: fc.integer({ min: 1, max: 8 }),
  intrabar: fc.constantFrom(...INTRABAR_ORDERS),
  stopFill: fc.constantFrom(...STOP_FILLS),
});

describe('a session with protective orders', () => {
  it('ends each position where a bar-by-bar model in whole cents does', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        rules,
        fc.array(fc.boolean(), { minLength: 150, maxLength: 150 }),
        (seed, rule, buys) => {
          const bars = randomWalkBars('A', 150, { seed, sigma: 0.02 });
          const { ledger, fills } = runHistoricalSession(session(bars, buys, rule));
          const found = ledger.filter(({ exitTimeMs }) => exitTimeMs !== null);
          const expected = longTrades(bars, buys, rule);
          expect(found.map(({ exit }) => exit)).toEqual(expected.map(({ why }) => why));
          found.forEach((trade, at) => {
            const { entry, exit, bar } = expected[at]!;
            expect(trade.exitTimeMs).toBe(bars.closeTimeMs[bar]);
            expect(trade.entryPrice).toBeCloseTo(entry / 100, 9);
            expect(trade.exitPrice).toBeCloseTo(exit / 100, 9);
          });
          expect(fills).toBe(2 * found.length + (ledger.length - found.length));
        },
      ),
      { numRuns: 90 },
    );
  });

  it('sells no more than it holds, fills nothing outside its bar, and leaves no order behind', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        rules,
        fc.array(fc.boolean(), { minLength: 120, maxLength: 120 }),
        (seed, rule, buys) => {
          const bars = randomWalkBars('A', 120, { seed, sigma: 0.03 });
          const journal = new MemoryJournal(['A'], { keep: true });
          runHistoricalSession({ ...session(bars, buys, rule), journal });
          const open = new Map<number, boolean>();
          let held = 0;
          for (const entry of journal.entries()) {
            if (entry.kind === 'order') open.set(entry.sequence, true);
            if (entry.kind === 'order-update') open.delete(entry.sequence);
            if (entry.kind !== 'fill') continue;
            expect(open.delete(entry.sequence)).toBe(true);
            held += entry.quantity;
            expect(held).toBeGreaterThanOrEqual(0);
            expect(held).toBeLessThanOrEqual(1);
            // Entries are filled at an open, exits while a bar was open, which is known at its close.
            const inside = (entry.quantity > 0 ? bars.openTimeMs : bars.closeTimeMs).indexOf(entry.timeMs);
            if (rule.stopFill === 'exact') continue;
            expect(entry.price).toBeGreaterThanOrEqual(bars.low[inside]! - 0.0101);
            expect(entry.price).toBeLessThanOrEqual(bars.high[inside]! + 0.0101);
          }
          expect([...open.keys()]).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('terms in the journal', () => {
  it('are read back as they were written', () => {
    const bars = randomWalkBars('A', 60, { seed: 3, sigma: 0.02 });
    const journal = new MemoryJournal(['A'], { keep: true });
    const rule: Rule = { stop: 2, target: 3, trail: 4, intrabar: 'stop-first', stopFill: 'gap' };
    runHistoricalSession({ ...session(bars, new Array<boolean>(60).fill(true), rule), journal });
    const terms = [...journal.entries()].filter(({ kind }) => kind === 'terms');
    expect(terms.length).toBeGreaterThan(2);
    expect(terms.slice(0, 3)).toMatchObject([
      { type: 'stop', role: 'stop-loss', trail: 0, trailShare: 0, group: 1 },
      { type: 'limit', role: 'take-profit', group: 1 },
      { type: 'trailing', role: 'trailing-stop', trailShare: 0.04, group: 1 },
    ]);
  });
});
