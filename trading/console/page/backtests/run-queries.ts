import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import type {
  chartSchema,
  comparisonSchema,
  jobSchema,
  keptRunSchema,
  runsSchema,
  tradesSchema,
} from '../../../results/run-schemas.ts';
import { ask, withQuery } from '../service/ask.ts';

// What the service answers about runs, as its routes have it.

export type Runs = z.infer<typeof runsSchema>;
export type Run = Runs['runs'][number];
export type KeptRun = z.infer<typeof keptRunSchema>;
export type RunChart = z.infer<typeof chartSchema>;
export type Trades = z.infer<typeof tradesSchema>;
export type Trade = Trades['trades'][number];
export type Comparison = z.infer<typeof comparisonSchema>;
export type Job = z.infer<typeof jobSchema>;

/** How often a list is asked for again, and how often while a job of somebody runs. */
const LIST_MS = 15_000;
const JOBS_MS = 1_000;
const RUNS_MAX = 5_000;
const TRADES_MAX = 10_000;

export interface RunsAsked {
  readonly experiment?: string | undefined;
  readonly kind?: string | undefined;
  readonly verdict?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Kept runs, the newest first. */
export function useRuns(asked: RunsAsked): UseQueryResult<Runs> {
  return useQuery({
    queryKey: ['runs', asked],
    queryFn: ({ signal }) =>
      ask<Runs>('GET', withQuery('/api/v1/runs', { ...asked, sessions: false, limit: RUNS_MAX }), { signal }),
    refetchInterval: LIST_MS,
    placeholderData: (before) => before,
  });
}

const pathOf = (run: string): string => `/api/v1/runs/${encodeURIComponent(run)}`;
/** What is kept of a run does not change. */
const kept = { staleTime: Infinity };

export function useRun(run: string): UseQueryResult<KeptRun> {
  return useQuery({ queryKey: ['run', run], queryFn: ({ signal }) => ask('GET', pathOf(run), { signal }), ...kept });
}

/** What the chart of a run is drawn from. */
export const chartQuery = (run: string) => ({
  queryKey: ['run-chart', run],
  queryFn: ({ signal }: { signal: AbortSignal }) => ask<RunChart>('GET', `${pathOf(run)}/chart`, { signal }),
  ...kept,
});

export function useTrades(run: string, enabled = true): UseQueryResult<Trades> {
  return useQuery({
    queryKey: ['run-trades', run],
    queryFn: ({ signal }) => ask('GET', withQuery('/api/v1/trades', { run, limit: TRADES_MAX }), { signal }),
    enabled,
    ...kept,
  });
}

export function useComparison(runs: readonly string[]): UseQueryResult<Comparison> {
  return useQuery({
    queryKey: ['comparison', runs],
    queryFn: ({ signal }) => ask('GET', withQuery('/api/v1/runs/compare', { ids: runs.join(',') }), { signal }),
    enabled: runs.length > 1,
    ...kept,
  });
}

const isOpen = ({ state }: Job): boolean => state === 'waiting' || state === 'running';

/** Backtests that were asked for, the newest first: asked for often as long as one of them runs. */
export function useJobs(): UseQueryResult<readonly Job[]> {
  return useQuery({
    queryKey: ['jobs'],
    queryFn: async ({ signal }) => (await ask<{ jobs: Job[] }>('GET', '/api/v1/jobs?limit=20', { signal })).jobs,
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? JOBS_MS : LIST_MS),
  });
}

/** Ends a job. */
export function useCancel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => ask<Job>('POST', `/api/v1/jobs/${id}/cancel`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

interface ListedExperiment {
  readonly asked: string;
  readonly name: string | null;
  readonly trades: string | null;
  readonly mistake: string | null;
}

/** Experiments that can be asked for by their name. */
export function useExperiments(): UseQueryResult<readonly ListedExperiment[]> {
  return useQuery({
    queryKey: ['experiments'],
    queryFn: async ({ signal }) =>
      (await ask<{ experiments: ListedExperiment[] }>('GET', '/api/v1/experiments', { signal })).experiments,
  });
}
