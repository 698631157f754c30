import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../infra/mlflow/outbox-entry.ts';
import { SCORE_NAMES } from '../scores/score.ts';
import type { ScoreValues } from './fold/fold-summary.ts';
import { experimentSchema } from '../experiment/experiment.ts';
import type { TrainingPlan } from '../registry/training-store.ts';
import { closingEntries, openingEntries, type TrackedBacktest } from './tracking-entries.ts';

const pooled = Object.fromEntries(SCORE_NAMES.map((name, at) => [name, at / 10])) as ScoreValues;
const backtest: TrackedBacktest = {
  ...{ pooled, figures: { sharpe: 0.4, cagr: null }, verdict: 'none' },
  ...{ part: 'abc', own: true },
};

const pointsOf = (entries: readonly OutboxEntry[]): unknown[] =>
  entries.flatMap((entry) =>
    entry.kind === 'logBatch' ? (entry.metrics ?? []).map(({ key, value, step }) => [key, value, step]) : [],
  );

const tagsOf = (entries: readonly OutboxEntry[]): object =>
  Object.assign({}, ...entries.map((entry) => (entry.kind === 'logBatch' ? (entry.tags ?? {}) : {}))) as object;

describe('what the tracking server is told of a backtest', () => {
  it('has the pooled scores and the figures of the own rules under plain names', () => {
    const entries = closingEntries('t', backtest, 5);
    expect(pointsOf(entries)).toEqual([...SCORE_NAMES.map((name, at) => [name, at / 10, 0]), ['sharpe', 0.4, 0]]);
    expect(tagsOf(entries)).toEqual({ verdict: 'none' });
    expect(entries.at(-1)).toEqual({ kind: 'finishRun', runKey: 'training/t', status: 'FINISHED', endTimeMs: 5 });
  });

  it('keeps figures of other rules apart from those of the own', () => {
    const entries = closingEntries('t', { ...backtest, own: false }, 5);
    expect(pointsOf(entries)).toContainEqual(['rules-abc.sharpe', 0.4, 0]);
    expect(tagsOf(entries)).toEqual({ 'rules-abc.verdict': 'none' });
  });
});

describe('what the tracking server is told when a training begins', () => {
  const plan = {
    experiment: experimentSchema.parse({ name: 'mine', universe: ['A'] }),
    ...{ series: [{ symbol: 'A' }], dataHash: 'd', featureSetHash: 'f', experimentHash: 'e', backend: 'none' },
  } as unknown as TrainingPlan;
  const filesWith = (difference: string | null): (readonly [path: string, text: string])[] => {
    const source = { commit: 'c', dirty: difference !== null };
    const from = { source, difference, experimentText: 'name: mine', dataStatement: '', bars: 3 };
    return openingEntries('t', plan, from, 5).flatMap((entry) =>
      entry.kind === 'logArtifact' ? [[entry.path, Buffer.from(entry.content).toString()] as const] : [],
    );
  };

  it('has the experiment, and what of the source was not committed', () => {
    expect(filesWith(null)).toEqual([['experiment.yaml', 'name: mine']]);
    expect(filesWith('-5\n+7\n')).toEqual([
      ['experiment.yaml', 'name: mine'],
      ['source.diff', '-5\n+7\n'],
    ]);
  });
});
