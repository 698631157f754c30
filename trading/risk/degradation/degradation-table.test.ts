import { describe, expect, it } from 'vitest';
import { BAR_MS, kinds, setUp } from '../../testing/walked-engine.ts';
import type { Effect } from '../../effect.ts';
import { refusalReason } from '../../refusal.ts';
import { CONDITIONS, type ConditionName } from './condition-name.ts';
import { DEFAULT_DEGRADATION, DEGRADATION_TABLE, threshold } from './degradation-table.ts';

type Walked = ReturnType<typeof setUp>;
type Row = keyof typeof DEGRADATION_TABLE;

const FLAT = [100, 100, 100, 100, 100, 100];
const buys = ['BUY', 'BUY', 'BUY', 'BUY', 'BUY', 'BUY'] as const;
const walk = (more: Partial<Parameters<typeof setUp>[0]> = {}): Walked =>
  setUp({ closes: [FLAT], words: [buys], ...more });

const tell = ({ engine }: Walked, name: ConditionName, value: number): readonly Effect[] =>
  engine.handle({ kind: 'condition', timeMs: BAR_MS, name, value });
const ordered = (effects: readonly Effect[]): number =>
  effects.reduce((sum, effect) => (effect.kind === 'order' ? sum + effect.quantity : sum), 0);
const update = ({ engine }: Walked, sequence: number, state: 'ACCEPTED' | 'REJECTED' | 'CANCELED' | 'UNKNOWN') =>
  engine.handle({ kind: 'order-update', sequence, timeMs: BAR_MS, state, code: null, value: 0, limit: 0 });

/** The venue holds that many units, seen after everything so far. */
const snapshot = ({ engine }: Walked, quantity: number, price = 100) =>
  engine.handle({
    kind: 'snapshot',
    beganMs: 10 * BAR_MS,
    timeMs: 11 * BAR_MS,
    complete: true,
    orders: [],
    executions: [],
    positions: [{ symbol: 0, quantity, price }],
  });

/** What each row comes to, in the engine itself. */
const WALKS: Readonly<Record<Row, () => void>> = {
  'data-late': () => {
    const walked = walk();
    expect(tell(walked, 'data-late', 1)).toMatchObject([{ kind: 'state', cause: 'data-late', value: 1, limit: 1 }]);
    expect(tell(walked, 'data-late', 1)).toEqual([]);
    const [, half] = walked.close();
    expect(half).toMatchObject({ kind: 'order', quantity: 5, clippedBy: 'data-late' });
    update(walked, 1, 'CANCELED');
    tell(walked, 'data-late', 2);
    // The last close is still the mark.
    expect(walked.engine.portfolio.price[0]).toBe(100);
    expect(kinds(walked.close())).toEqual(['signal', 'data-late']);
    expect(tell(walked, 'data-late', 0)).toMatchObject([{ cause: 'data-late', value: 0, limit: 0 }]);
    expect(ordered(walked.close())).toBe(10);
  },
  'orders-failing': () => {
    const walked = walk();
    walked.close();
    expect(tell(walked, 'orders-failing', 2)).toEqual([]);
    expect(kinds(tell(walked, 'orders-failing', 3))).toEqual(['state', 'cancel']);
    update(walked, 1, 'CANCELED');
    expect(kinds(walked.close())).toEqual(['signal', 'orders-failing']);
    tell(walked, 'orders-failing', 0);
    expect(ordered(walked.close())).toBe(10);
  },
  latency: () => {
    const degradation = { ...DEFAULT_DEGRADATION, latencyOrdersPerMinute: 1 };
    // Bars of a minute: the window holds what the last one ordered.
    const walked = walk({ limits: { degradation }, closes: [FLAT, FLAT], words: [buys, buys] });
    expect(tell(walked, 'latency', 99)).toEqual([]);
    expect(tell(walked, 'latency', 240)).toMatchObject([{ cause: 'latency', value: 240, limit: 100 }]);
    expect(kinds(walked.close())).toEqual(['signal', 'order', 'signal', 'latency']);
    tell(walked, 'latency', 40);
    update(walked, 1, 'CANCELED');
    expect(kinds(walked.close())).toEqual(['signal', 'order', 'signal', 'order']);
  },
  'venue-breaker': () => {
    const walked = walk();
    walked.close();
    walked.fill(1, 10);
    tell(walked, 'venue-breaker', 1);
    expect(walked.engine.risk.state.openingBlock()).toMatchObject({ code: 'venue-breaker' });
    // What reduces passes.
    expect(ordered(walked.command('flatten'))).toBe(-10);
    walked.command('resume');
    const [now, stopped] = tell(walked, 'venue-breaker', 300);
    expect(now).toMatchObject({ cause: 'venue-breaker', limit: 300 });
    expect(stopped).toMatchObject({ kind: 'state', state: 'stop', cause: 'venue-breaker' });
    tell(walked, 'venue-breaker', 0);
    expect(walked.engine.risk.state.killState).toBe('stop');
  },
  'stream-lost': () => {
    const walked = walk();
    const connected = (is: boolean) => walked.engine.handle({ kind: 'connectivity', timeMs: BAR_MS, connected: is });
    expect(connected(false)).toMatchObject([{ cause: 'away' }]);
    expect(kinds(walked.close())).toEqual(['signal', 'away']);
    expect(connected(true)).toMatchObject([{ cause: 'back' }]);
    expect(ordered(walked.close())).toBe(10);
  },
  // The database is no part of the engine: the session's own suites hold this row.
  'database-away': () => expect(DEGRADATION_TABLE['database-away'].code).toBeNull(),
  'order-in-doubt': () => {
    const walked = walk({ closes: [FLAT, FLAT], words: [buys, buys] });
    walked.close();
    update(walked, 1, 'UNKNOWN');
    update(walked, 2, 'CANCELED');
    expect(walked.engine.awaits(1)).toBe(false);
    // Its own symbol waits, the other does not.
    expect(kinds(walked.close())).toEqual(['signal', 'order-working', 'signal', 'order']);
    update(walked, 1, 'CANCELED');
    expect(ordered(walked.close())).toBe(10);
  },
  mismatch: () => {
    const walked = walk({ reconciliation: { smallAmount: 200 }, words: [[]] });
    walked.close();
    expect(kinds(snapshot(walked, 1))).toEqual(
      ['refusal', 'fill'].map((kind) => (kind === 'refusal' ? 'small-difference' : kind)).reverse(),
    );
    expect(walked.engine.portfolio.quantity[0]).toBe(1);
    expect(walked.engine.risk.state.killState).toBe('run');
  },
  'mismatch-repeated': () => {
    const walked = walk({ words: [['HOLD', 'BUY']] });
    walked.close();
    expect(kinds(snapshot(walked, 5))).toEqual(['position-difference', 'state']);
    expect(kinds(walked.close())).toEqual(['signal', 'reduce-only']);
    walked.command('resume');
    expect(walked.engine.risk.state.killState).toBe('run');
  },
  drawdown: () => {
    const walked = walk({ limits: { drawdownFraction: 0.01 }, closes: [[100, 80, 80]] });
    walked.close();
    walked.fill(1, 10);
    expect(walked.close()[0]).toMatchObject({ cause: 'drawdown', state: 'halt' });
    expect(walked.engine.risk.state.openingBlock()).toMatchObject({ code: 'drawdown-halt' });
    walked.command('resume');
    expect(walked.engine.risk.state.openingBlock()).toBeNull();
  },
  'daily-loss': () => {
    const walked = walk({ limits: { dailyLossFraction: 0.01 }, closes: [[100, 80, 80]] });
    walked.close();
    walked.fill(1, 10);
    expect(walked.close()[0]).toMatchObject({ cause: 'daily-loss', state: 'run' });
    expect(walked.engine.risk.state.openingBlock()).toMatchObject({ code: 'daily-loss' });
  },
  rejections: () => {
    const walked = walk({ limits: { rejectionsInARow: 1 } });
    walked.close();
    expect(update(walked, 1, 'REJECTED').at(-1)).toMatchObject({ cause: 'rejections', state: 'halt' });
    expect(walked.engine.risk.state.openingBlock()).toMatchObject({ code: 'rejections' });
    walked.command('resume');
    expect(walked.engine.risk.state.openingBlock()).toBeNull();
  },
  emergency: () => {
    const walked = walk();
    walked.close();
    expect(kinds(walked.command('emergency-stop'))).toEqual(['state', 'cancel']);
    update(walked, 1, 'CANCELED');
    // No signal is heard.
    expect(walked.close()).toEqual([]);
    walked.command('resume');
    expect(ordered(walked.close())).toBe(10);
  },
};

describe('the table of degradation', () => {
  it.each(Object.entries(WALKS))('%s is done as it is written', (_row, walkIt) => walkIt());

  it('has for each measured condition its thresholds in order, and says in words why nothing opens', () => {
    for (const name of CONDITIONS) {
      const { steps, code } = DEGRADATION_TABLE[name];
      const from = steps.map((step) => threshold(step, DEFAULT_DEGRADATION));
      expect(from, name).toEqual([...from].sort((a, b) => a - b));
      expect(from.every((value) => value > 0)).toBe(true);
      expect(refusalReason(code!, 3, 3)).not.toBe('');
    }
  });

  it('holds in a saved session what it did before', () => {
    const before = walk();
    tell(before, 'data-late', 2);
    const after = walk();
    after.engine.memory.restore(before.engine.memory.save()!);
    expect(after.engine.risk.state.openingBlock()).toMatchObject({ code: 'data-late', value: 2 });
  });
});
