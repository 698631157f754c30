import type { OutboxEntry } from '../../infra/mlflow/outbox-entry.ts';
import { TEST_RUNG, WHOLE_WINDOW, type SearchJob, type SearchPlan, type SearchResult } from './search-store.ts';
import { SCORE_NAMES } from '../scores/score.ts';

// What the tracking server is told of a search: one run, and a nested one for every job.

/** Entries of one search are delivered in order. */
export const searchStream = (searchHash: string): string => `search/${searchHash}`;

const parentKey = searchStream;

/** The run of the whole search: enqueued with its plan. */
export function searchOpening(
  searchHash: string,
  { experiment, search, data }: SearchPlan,
  startMs: number,
): OutboxEntry[] {
  const runKey = parentKey(searchHash);
  const ranges = Object.entries(search.space).map(([address, range]) => [`space.${address}`, JSON.stringify(range)]);
  const { method, trials, seed, folds, objective } = search;
  return [
    {
      kind: 'createRun',
      runKey,
      experimentName: experiment.name,
      runName: `${experiment.name} search ${searchHash.slice(0, 8)}`,
      startTimeMs: startMs,
      tags: { 'mlflow.source.name': 'signalbox', 'data.hash': data.dataHash, 'search.hash': searchHash },
    },
    {
      kind: 'logBatch',
      runKey,
      part: 'settings',
      params: {
        ...Object.fromEntries(
          Object.entries({ method, trials, seed, folds, objective }).map(([k, v]) => [k, String(v)]),
        ),
        ...(Object.fromEntries(ranges) as Record<string, string>),
      },
    },
  ];
}

/** A nested run with the parameters and figures of one job. */
export function trialEntries(
  plan: SearchPlan,
  job: SearchJob,
  done: { objective: number | null; result: SearchResult; startMs: number; endMs: number },
): OutboxEntry[] {
  const { window, trial, rung } = job;
  const where = window === WHOLE_WINDOW ? 'all rows' : `fold ${window + 1}`;
  const runKey = `${parentKey(job.searchHash)}/${window}/${rung}/${trial}`;
  const figures: [string, number | null][] = [
    ['objective', done.objective],
    ...SCORE_NAMES.map((name): [string, number | null] => [name, done.result.evidence?.scores[name] ?? null]),
  ];
  const params = Object.fromEntries(Object.entries(job.parameters).map(([address, value]) => [address, String(value)]));
  return [
    {
      kind: 'createRun',
      runKey,
      parentRunKey: parentKey(job.searchHash),
      experimentName: plan.experiment.name,
      runName:
        rung === TEST_RUNG
          ? `${where} test of the chosen`
          : `${where} trial ${trial}${rung > 0 ? ` rung ${rung}` : ''}`,
      startTimeMs: done.startMs,
      tags: { window: where, trial: String(trial), rung: String(rung) },
    },
    {
      kind: 'logBatch',
      runKey,
      part: 'trial',
      params: { ...params, 'resource.share': String(job.share) },
      metrics: figures.flatMap(([key, value]) =>
        value === null ? [] : [{ key, value, step: Math.max(0, rung), timestampMs: done.endMs }],
      ),
    },
    { kind: 'finishRun', runKey, status: 'FINISHED', endTimeMs: done.endMs },
  ];
}

/** Figures of a finished search and the end of its run. */
export function searchClosing(
  searchHash: string,
  closing: { metrics: Readonly<Record<string, number | null>>; verdict: string; result: Uint8Array },
  endMs: number,
): OutboxEntry[] {
  const runKey = parentKey(searchHash);
  const metrics = Object.entries(closing.metrics).flatMap(([key, value]) =>
    value === null ? [] : [{ key, value, step: 0, timestampMs: endMs }],
  );
  return [
    { kind: 'logBatch', runKey, part: 'result', metrics, tags: { verdict: closing.verdict } },
    { kind: 'logArtifact', runKey, path: 'result.json', contentType: 'application/json', content: closing.result },
    { kind: 'finishRun', runKey, status: 'FINISHED', endTimeMs: endMs },
  ];
}
