import { describe, expect, it } from 'vitest';
import type { IngestProgress } from './ingest-job-store.ts';
import { RecordedProgress } from './recorded-progress.ts';

function recording() {
  const saved: IngestProgress[] = [];
  let nowMs = 0;
  const progress = new RecordedProgress(
    (now) => saved.push(now),
    () => nowMs,
  );
  return { saved, progress, at: (ms: number) => (nowMs = ms) };
}

describe('progress on record', () => {
  it('is said twice a second at most, and is whole when it is asked for', () => {
    const { saved, progress, at } = recording();
    const stage = progress.stage('AAA', 10);
    at(499);
    stage.advance(3);
    expect(saved).toEqual([{ stage: 'AAA', done: 0, total: 10, notes: [] }]);
    expect(progress.progress).toMatchObject({ done: 3 });
    at(500);
    stage.advance();
    expect(saved).toHaveLength(2);
    expect(saved[1]).toMatchObject({ done: 4, total: 10 });
  });

  it('is that of the stage that began last, of which nobody may know how long it is', () => {
    const { progress } = recording();
    progress.stage('AAA', 10).advance(10);
    const second = progress.stage('BBB');
    expect(progress.progress).toMatchObject({ stage: 'BBB', done: 0, total: null });
    second.total(7);
    second.done('7 bars');
    expect(progress.progress).toMatchObject({ total: 7, notes: ['BBB: 7 bars'] });
  });

  it('has the last twenty notes', () => {
    const { progress } = recording();
    for (let n = 1; n <= 25; n++) progress.note(`note ${n}`);
    expect(progress.progress.notes).toHaveLength(20);
    expect(progress.progress.notes.at(0)).toBe('note 6');
    expect(progress.progress.notes.at(-1)).toBe('note 25');
  });
});
