import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { z } from 'zod';
import type { databaseSchema, queuesSchema, systemSchema } from '../../../../infra/system/schemas.ts';
import { ask } from '../service/ask.ts';

export type System = z.infer<typeof systemSchema>;
export type Process = System['processes'][number];
export type Queue = z.infer<typeof queuesSchema>['queues'][number];
export type FailedJob = Queue['failures'][number] & { readonly queue: string };
export type DatabaseStatus = z.infer<typeof databaseSchema>;

/** What of a session whole this screen shows. */
export interface SessionHealth {
  readonly latencies: readonly { step: string; orders: number; p50Ms: number; p99Ms: number }[];
  readonly breakers: {
    readonly states: Readonly<Record<string, string>>;
    readonly changes: readonly { breaker: string; state: string; at: string; reason: string }[];
  };
}

const OFTEN_MS = 5_000;
const SLOW_MS = 30_000;

function useAsked<Answer>(path: string, everyMs: number): UseQueryResult<Answer> {
  return useQuery({
    queryKey: [path],
    queryFn: ({ signal }) => ask<Answer>('GET', path, { signal }),
    refetchInterval: everyMs,
  });
}

export const useSystem = () => useAsked<System>('/api/v1/system', OFTEN_MS);
export const useQueues = () => useAsked<{ queues: Queue[] }>('/api/v1/system/queues', OFTEN_MS);
export const useDatabase = () => useAsked<DatabaseStatus>('/api/v1/system/database', SLOW_MS);
export const useSessionHealth = (session: string) =>
  useAsked<SessionHealth>(`/api/v1/sessions/${encodeURIComponent(session)}`, OFTEN_MS);

export const retry = ({ queue, id }: Pick<FailedJob, 'queue' | 'id'>): Promise<unknown> =>
  ask('POST', `/api/v1/system/queues/${encodeURIComponent(queue)}/jobs/${encodeURIComponent(id)}/retry`, {});
