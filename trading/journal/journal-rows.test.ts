import { describe, expect, it } from 'vitest';
import type { Effect } from '../effect.ts';
import { journalRows } from './journal-rows.ts';

const TIME_MS = Date.UTC(2024, 0, 2, 21);
const AT = { timeMs: TIME_MS, symbol: 0 };
const SESSION = { id: 'paper-a\\b', symbols: ['AAA', 'B\tB'], first: 7 };

function signal(symbol: number, timeMs: number, said: object): Effect {
  const rule = { action: 'BUY', probability: null, confidence: 1, ageBars: 0, reason: 'cross' } as const;
  return { kind: 'signal', timeMs, symbol, signal: { ...rule, ...said } };
}

describe('rows of signals', () => {
  it('hold each number as it reads back, nothing as null, and escape what would end a cell or a row', () => {
    const effects = [
      signal(0, TIME_MS, {}),
      signal(1, TIME_MS, { action: 'SELL', probability: 0.1 + 0.2, confidence: 1e-7, reason: 'a\tb\nc\\d\re' }),
      signal(0, TIME_MS + 1, { probability: 0.5, confidence: 0, model: 'na\tme@1', novelty: 0.25 }),
    ];
    const { signals } = journalRows(effects, SESSION);
    expect(signals).toEqual([
      'paper-a\\\\b\t7\t2024-01-02T21:00:00.000Z\tAAA\tBUY\t\\N\t1\tcross\t\\N\t\\N\t\\N\t' +
        '9456ca719b281395e86b90f97ccb5676\tstrong\t2024-01-02T21:00:00.000Z\t\\N\t\\N\t\\N\n',
      'paper-a\\\\b\t8\t2024-01-02T21:00:00.000Z\tB\\tB\tSELL\t0.30000000000000004\t1e-7\ta\\tb\\nc\\\\d\\re\t\\N\t\\N\t\\N\t' +
        '79e1c4e5e65c6ec2ea39bd090bd34ebd\tweak\t2024-01-02T21:00:00.000Z\t\\N\t\\N\t\\N\n',
      'paper-a\\\\b\t9\t2024-01-02T21:00:00.001Z\tAAA\tBUY\t0.5\t0\tcross\tna\\tme@1\t0.25\t\\N\t' +
        'ba69681de6c3fe53937b138f6d826e7d\tweak\t2024-01-02T21:00:00.001Z\t\\N\t\\N\t\\N\n',
    ]);
  });

  it('hold what marks say of them, and why one was not let through', () => {
    const marks = {
      strength: { moderate: 0.1, strong: 0.3 },
      horizonBars: 1,
      expiresMs: (decidedAtMs: number, strategy: string | null) => decidedAtMs + (strategy === 'own' ? 2_000 : 1_000),
    };
    const refusal: Effect = { ...{ kind: 'refusal', stage: 'signal', code: 'novel', value: 1, limit: 0.9 }, ...AT };
    const said = { probability: 0.6, confidence: 0.2, disagreement: 0.05, decidedAtMs: TIME_MS - 5_000 };
    const owned = { ...signal(0, TIME_MS, said), owner: { number: 1, name: 'own' } } as Effect;
    const columns = (effects: Effect[], next?: Effect): string[][] =>
      journalRows(effects, { ...SESSION, marks, source: 'hash', next }).signals.map((row) =>
        row.trimEnd().split('\t').slice(-5),
      );
    const decided = '2024-01-02T20:59:55.000Z';
    expect(columns([signal(0, TIME_MS, said), refusal])).toEqual([
      ['moderate', decided, '2024-01-02T20:59:56.000Z', '0.05', 'novel'],
    ]);
    expect(columns([owned], refusal)).toEqual([['moderate', decided, '2024-01-02T20:59:57.000Z', '0.05', 'novel']]);
    expect(columns([owned, { ...refusal, stage: 'risk' } as Effect])[0]!.at(-1)).toBe('\\N');
    expect(columns([owned, { ...refusal, symbol: 1 } as Effect])[0]!.at(-1)).toBe('\\N');
  });

  it('are named by what they are made from: by session only where no experiment describes it', () => {
    const names = (said: object, of: object = {}): string =>
      journalRows([signal(0, TIME_MS, said)], { ...SESSION, ...of }).signals[0]!.split('\t')[11]!;
    const source = { source: 'hash' };
    expect(names({}, source)).toMatch(/^[0-9a-f]{32}$/);
    expect(names({}, source)).toBe(names({}, { ...source, id: 'another', first: 99 }));
    expect(names({})).not.toBe(names({}, { id: 'another' }));
    const said = [{}, { action: 'SELL' }, { probability: 0.6 }, { model: 'm@2' }, { decidedAtMs: 1 }];
    expect(new Set(said.map((one) => names(one, source))).size).toBe(said.length);
  });
});
