import { describe, expect, it } from 'vitest';
import type { TrackedOrder } from '../../execution/tracked-order.ts';
import type { StateEffect } from '../../effect.ts';
import { alertWords, type AlertWord } from './effect-alerts.ts';
import { OverdueCloses } from './overdue-closes.ts';
import { SessionAlerts, type SessionAlertsOptions } from './session-alerts.ts';
import { VenueSigns } from './venue-signs.ts';

const told = (words: readonly AlertWord[]): string[] =>
  words.map((word) => ('raise' in word ? `${word.raise.severity} ${word.raise.subject}` : `over ${word.resolve}`));

describe('closes that are overdue', () => {
  it('count once they were due for longer than the last took to come, and a grace', () => {
    let due = 0;
    const closes = new OverdueCloses(() => due, 100);
    expect(closes.count(0)).toBe(0);
    closes.came(1_000, 1_050);
    due = 1;
    expect(closes.count(2_000)).toBe(0);
    expect(closes.count(2_149)).toBe(0);
    expect(closes.count(2_150)).toBe(1);
    due = 2;
    expect(closes.count(3_000)).toBe(1);
    expect(closes.count(3_150)).toBe(2);
    // The same close again is no new one.
    closes.came(1_000, 3_200);
    expect(closes.count(3_200)).toBe(2);
    closes.came(3_000, 3_210);
    due = 0;
    expect(closes.count(3_210)).toBe(0);
  });

  it('are those of which it is not known that they have no bar', () => {
    let due = 0;
    const closes = new OverdueCloses(() => due, 100);
    closes.came(1_000, 1_000);
    // Minute by minute one is due, and a little later it is known that nothing was traded in it.
    for (let ms = 2_000; ms < 20_000; ms += 1_000) {
      due = 1;
      expect(closes.count(ms)).toBe(0);
      due = 0;
      expect(closes.count(ms + 50)).toBe(0);
    }
    due = 2;
    expect(closes.count(30_000)).toBe(0);
    due = 1;
    expect(closes.count(30_050)).toBe(0);
    expect(closes.count(30_100)).toBe(1);
  });
});

describe('orders at a venue', () => {
  const exit = (more: object): TrackedOrder =>
    ({
      sequence: 1,
      symbol: 0,
      state: 'ACCEPTED',
      leaving: 'sent',
      cancelWanted: false,
      order: { reduces: true, terms: {} },
      ...more,
    }) as TrackedOrder;

  it('are told of where nothing protects a position for a while, and where that is over', () => {
    const words: AlertWord[] = [];
    let working: TrackedOrder[] = [];
    const signs = new VenueSigns({
      edge: {
        isLive: true,
        held: () => 10,
        get working() {
          return working;
        },
      },
      symbols: ['AAPL'],
      protects: true,
      say: (word) => words.push(word),
      patience: { doubtMs: 1_000, bareMs: 100 },
    });
    signs.look(0);
    signs.look(99);
    expect(told(words)).toEqual([]);
    signs.look(100);
    signs.look(200);
    expect(told(words)).toEqual(['critical position-unprotected/AAPL']);
    working = [exit({ state: 'UNKNOWN' })];
    signs.look(300);
    signs.look(1_300);
    expect(told(words)).toEqual(['critical position-unprotected/AAPL', 'critical order-in-doubt/1']);
    working = [exit({})];
    signs.look(1_400);
    expect(told(words).slice(2).sort()).toEqual(['over order-in-doubt/1', 'over position-unprotected/AAPL']);
  });
});

describe('what an engine did', () => {
  const state = (more: Partial<StateEffect>): StateEffect => ({
    ...{ kind: 'state', timeMs: 0, state: 'run', cause: 'command', value: 0, limit: 0 },
    ...more,
  });

  it.each<[Partial<StateEffect>, string[]]>([
    [{ cause: 'drawdown', state: 'halt' }, ['critical halt']],
    [{ cause: 'command', state: 'reduce' }, ['warning halt']],
    [{ cause: 'command', state: 'run' }, ['over halt', 'over emergency-stop', 'over orders-rejected', 'over mismatch']],
    [{ cause: 'away' }, ['warning venue-away']],
    [{ cause: 'back' }, ['over venue-away']],
    [{ cause: 'data-late', value: 1, limit: 1 }, ['warning feed-silent']],
    [{ cause: 'data-late', value: 2, limit: 2 }, ['critical feed-silent']],
    [{ cause: 'data-late' }, ['over feed-silent']],
    [{ cause: 'orders-failing', value: 3, limit: 3 }, ['critical orders-failing']],
    [{ cause: 'rejections', state: 'stop', value: 11, limit: 10 }, ['critical emergency-stop']],
  ])('%o is told as %j', (effect, words) => {
    expect(told(alertWords(state(effect), ['AAPL']))).toEqual(words);
  });

  it('is an emergency once, whatever happens while it lasts', () => {
    const later = state({ cause: 'latency', state: 'stop', value: 240, limit: 100 });
    expect(told(alertWords(later, [], true))).toEqual(['warning latency']);
    expect(told(alertWords(state({ cause: 'venue-breaker', state: 'stop' }), [], true))).toEqual([
      'over venue-unreachable',
    ]);
  });

  it('is a mismatch of its symbol where the venue and the books differ', () => {
    const refusal = { kind: 'refusal', timeMs: 0, symbol: 0, stage: 'broker', value: 5, limit: 0 } as const;
    expect(told(alertWords({ ...refusal, code: 'position-difference' }, ['AAPL']))).toEqual(['critical mismatch']);
    expect(told(alertWords({ ...refusal, code: 'small-difference' }, ['AAPL']))).toEqual([
      'warning mismatch-adjusted/AAPL',
      'over mismatch-adjusted/AAPL',
    ]);
    expect(alertWords({ ...refusal, code: 'halted' }, ['AAPL'])).toEqual([]);
  });
});

describe('the stream of a venue', () => {
  class Heard extends SessionAlerts {
    readonly words: AlertWord[] = [];

    override say(word: AlertWord): void {
      this.words.push(word);
    }
  }

  /** The alerts of a session that has just begun, at `now.ms`. */
  function begun(now: { ms: number }): Heard {
    const query = (text: string): Promise<unknown> =>
      text.includes('session_alert_marks') ? Promise.resolve() : Promise.reject(new Error('nothing is due'));
    const nothing = { pool: { query } as SessionAlertsOptions['pool'], channels: () => [] };
    return new Heard({
      ...nothing,
      sessionId: 's',
      symbols: [],
      isStopped: false,
      clock: () => now.ms,
      note: () => undefined,
    });
  }
  const away = { kind: 'state', cause: 'away', state: 'run', value: 0, limit: 0 } as StateEffect;
  const back = { ...away, cause: 'back' } as StateEffect;

  it('is not there yet where a session begins: nobody is told unless it stays away, or goes away later', async () => {
    const now = { ms: 0 };
    const alerts = begun(now);
    alerts.hear(away, 0);
    now.ms = 14_000;
    await alerts.flush();
    alerts.hear(back, 1);
    now.ms = 60_000;
    await alerts.flush();
    expect(told(alerts.words)).toEqual(['over venue-away']);
    alerts.hear(away, 0);
    expect(told(alerts.words).at(-1)).toBe('warning venue-away');
  });

  it('that stays away as a session begins is told of once', async () => {
    const now = { ms: 0 };
    const alerts = begun(now);
    alerts.hear(away, 0);
    now.ms = 15_000;
    await alerts.flush();
    await alerts.flush();
    alerts.hear(back, 1);
    expect(told(alerts.words)).toEqual(['warning venue-away', 'over venue-away']);
  });
});
