import { describe, expect, it } from 'vitest';
import { purgedBlocks, purgedTail } from './time-blocks.ts';

/** `times` decision times of `symbols` rows each; a label ends `horizon` times later. */
function timed(times: number, symbols: number, horizon: number) {
  const rows = times * symbols;
  const decisionTimeMs = Float64Array.from({ length: rows }, (_, row) => Math.floor(row / symbols) * 1000);
  return { rows, decisionTimeMs, labelEndTimeMs: decisionTimeMs.map((time) => time + horizon * 1000) };
}

describe('splits inside a training window', () => {
  it('never let a training label reach into the validation time, nor cut a time in two', () => {
    const data = timed(100, 3, 4);
    const splits = [purgedTail(data, 0.2, 10)!, ...purgedBlocks(data, 5, 10)];
    expect(splits.length).toBe(6);
    for (const { train, validation } of splits) {
      const first = data.decisionTimeMs[validation[0]!]!;
      const last = Math.max(...Array.from(validation, (row) => data.labelEndTimeMs[row]!));
      for (const row of train) {
        expect(data.labelEndTimeMs[row]! < first || data.decisionTimeMs[row]! > last).toBe(true);
      }
      expect(validation.length % 3).toBe(0);
      expect(train.length).toBeGreaterThan(100);
    }
  });

  it('use every row once for validation', () => {
    const seen = purgedBlocks(timed(50, 2, 1), 5, 5).flatMap(({ validation }) => [...validation]);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, row) => row));
  });

  it('say so when there are too few rows', () => {
    expect(purgedTail(timed(10, 1, 1), 0.2, 20)).toBeNull();
    expect(purgedBlocks(timed(10, 1, 1), 5, 20)).toEqual([]);
  });
});
