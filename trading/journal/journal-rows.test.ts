import { describe, expect, it } from 'vitest';
import type { Effect } from '../effect.ts';
import { journalRows } from './journal-rows.ts';

const TIME_MS = Date.UTC(2024, 0, 2, 21);
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
      'paper-a\\\\b\t7\t2024-01-02T21:00:00.000Z\tAAA\tBUY\t\\N\t1\tcross\t\\N\t\\N\t\\N\n',
      'paper-a\\\\b\t8\t2024-01-02T21:00:00.000Z\tB\\tB\tSELL\t0.30000000000000004\t1e-7\ta\\tb\\nc\\\\d\\re\t\\N\t\\N\t\\N\n',
      'paper-a\\\\b\t9\t2024-01-02T21:00:00.001Z\tAAA\tBUY\t0.5\t0\tcross\tna\\tme@1\t0.25\t\\N\n',
    ]);
  });
});
