import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from './outbox-entry.ts';
import { storedEntriesOf, type StoredBatch } from './stored-entry.ts';

const at = Date.UTC(2020, 0, 1);
const batch = (fields: object): OutboxEntry => ({ kind: 'logBatch', runKey: 'r', part: 'p', ...fields });
const artifact = (path: string): OutboxEntry => ({
  kind: 'logArtifact',
  runKey: 'r',
  path,
  contentType: 'text/plain',
  content: Buffer.from('x'),
});

describe('storedEntriesOf', () => {
  it('gives the parts of a large batch keys of their own, the same each time', () => {
    const metrics = Array.from({ length: 2500 }, (_, step) => ({ key: 'loss', value: step, step, timestampMs: at }));
    const keys = storedEntriesOf(batch({ metrics })).map(({ entryKey }) => entryKey);
    expect(keys).toEqual(['logBatch/r/p#1', 'logBatch/r/p#2', 'logBatch/r/p#3']);
    expect(storedEntriesOf(batch({ metrics })).map(({ entryKey }) => entryKey)).toEqual(keys);
  });

  it('writes NaN and the infinities as text', () => {
    const metrics = [NaN, Infinity, -Infinity, 0.1].map((value, step) => ({
      key: 'm',
      value,
      step,
      timestampMs: at + 0.5,
    }));
    const [stored] = storedEntriesOf(batch({ metrics }));
    expect(stored!.payload).toMatchObject({
      batch: {
        metrics: ['NaN', 'Infinity', '-Infinity', 0.1].map((value, step) => ({ key: 'm', value, step, timestamp: at })),
      },
    });
  });

  it('keeps a parameter that the server would cut as an artifact, whole', () => {
    const [cut, whole] = storedEntriesOf(batch({ params: { 'sma(3)': 'ab'.repeat(4000) } }));
    const { params } = (cut!.payload as StoredBatch).batch;
    expect(params[0]!.value).toHaveLength(6000);
    expect(params[0]!.value).toContain('8000 characters');
    expect(whole!.payload).toMatchObject({ kind: 'logArtifact', runKey: 'r', path: 'parameters/sma_3.txt' });
    expect(Buffer.from(whole!.content!).toString()).toBe('ab'.repeat(4000));
  });

  it('tells a run that failed and then finished twice', () => {
    const finish = (status: 'FAILED' | 'FINISHED'): OutboxEntry => ({
      kind: 'finishRun',
      runKey: 'r',
      status,
      endTimeMs: at,
    });
    expect(storedEntriesOf(finish('FAILED'))[0]!.entryKey).not.toBe(storedEntriesOf(finish('FINISHED'))[0]!.entryKey);
  });

  it.each(['', '/etc/passwd', '../up', 'a/../b', 'a//b', 'a\\b', './a'])('refuses the artifact path "%s"', (path) => {
    expect(() => storedEntriesOf(artifact(path))).toThrow('relative and plain');
  });

  it('refuses keys that could break out of a filter, and names MLflow reserves', () => {
    const run = { kind: 'createRun', experimentName: 'e', runName: 'n', startTimeMs: at } as const;
    expect(() => storedEntriesOf({ ...run, runKey: "x' OR '1'='1" })).toThrow('runKey');
    expect(() => storedEntriesOf({ ...run, runKey: 'x', experimentName: ' ' })).toThrow('Experiment name');
    const alias = { kind: 'setAlias', modelName: 'm', versionKey: 'v', part: 'p' } as const;
    for (const name of ['v1', 'V12', 'latest', 'a b', '']) {
      expect(() => storedEntriesOf({ ...alias, alias: name })).toThrow('Alias');
    }
    expect(() => storedEntriesOf({ ...alias, alias: 'champion', modelName: 'a/b' })).toThrow('Model name');
    expect(() => storedEntriesOf(batch({ metrics: [{ key: 'm', value: 1, step: 0.5, timestampMs: at }] }))).toThrow(
      'step 0.5',
    );
  });
});
