import { useInfiniteQuery, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useIsLive } from '../live/live-state.ts';
import { ask, withQuery, type Asked } from './ask.ts';
import type {
  Account,
  Accounts,
  AlertsPage,
  AuditPage,
  FillsPage,
  OrdersPage,
  Positions,
  RefusalsPage,
  Session,
  SignalsPage,
  Thresholds,
} from './shapes.ts';

/** How often what moves is asked for again, where it is told by itself and where not. What is the same is not sent. */
const TOLD_MS = 15_000;
const ASKED_MS = 2_000;
const SLOW_MS = 10_000;
/** Rows of a page. */
export const PAGE_ROWS = 200;

/** Milliseconds between two questions about what moves. */
function useEvery(): number {
  return useIsLive() ? TOLD_MS : ASKED_MS;
}

/** Every session that trades or traded; backtests are not among them. */
export function useSessions(): UseQueryResult<readonly Session[]> {
  return useQuery({
    queryKey: ['sessions'],
    queryFn: async ({ signal }) =>
      (await ask<{ sessions: Session[] }>('GET', '/api/v1/sessions?limit=1000', { signal })).sessions,
    refetchInterval: useEvery(),
  });
}

/** One session whole, with the symbols that it trades. */
export function useSession(session: string): UseQueryResult<Session> {
  return useQuery({
    queryKey: ['session', session],
    queryFn: ({ signal }) => ask<Session>('GET', `/api/v1/sessions/${encodeURIComponent(session)}`, { signal }),
    staleTime: SLOW_MS,
  });
}

export function useAccounts(session?: string): UseQueryResult<readonly Account[]> {
  return useQuery({
    queryKey: ['accounts', session],
    queryFn: async ({ signal }) =>
      (await ask<Accounts>('GET', withQuery('/api/v1/account', { session }), { signal })).accounts,
    refetchInterval: useEvery(),
  });
}

export function usePositions(session: string | undefined): UseQueryResult<Positions> {
  return useQuery({
    queryKey: ['positions', session],
    queryFn: ({ signal }) => ask<Positions>('GET', withQuery('/api/v1/positions', { session }), { signal }),
    enabled: session !== undefined,
    refetchInterval: useEvery(),
  });
}

export function useThresholds(session: string | undefined): UseQueryResult<Thresholds> {
  return useQuery({
    queryKey: ['thresholds', session],
    queryFn: ({ signal }) => ask<Thresholds>('GET', withQuery('/api/v1/risk/thresholds', { session }), { signal }),
    enabled: session !== undefined,
    refetchInterval: SLOW_MS,
  });
}

export function useTrail(session: string | undefined, order: number | null): UseQueryResult<Record<string, unknown>> {
  return useQuery({
    queryKey: ['trail', session, order],
    queryFn: ({ signal }) => ask('GET', withQuery(`/api/v1/orders/${order!}`, { session }), { signal }),
    enabled: session !== undefined && order !== null,
    refetchInterval: SLOW_MS,
  });
}

interface Page {
  readonly next: string | null;
}

/** A list that comes in pages, the newest first; older ones are asked for once they are to be seen. */
export function usePages<One extends Page>(path: string, asked: Asked, enabled = true) {
  const everyMs = useEvery();
  return useInfiniteQuery({
    queryKey: [path, asked],
    queryFn: ({ pageParam, signal }) =>
      ask<One>('GET', withQuery(path, { ...asked, limit: PAGE_ROWS, cursor: pageParam ?? undefined }), { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
    enabled,
    // Whoever reads far down is not interrupted: the first page alone is asked for again and again.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > 1 ? false : everyMs),
  });
}

export const useOrders = (session: string | undefined, asked: Asked) =>
  usePages<OrdersPage>('/api/v1/orders', { ...asked, session }, session !== undefined);
export const useFills = (session: string | undefined, asked: Asked) =>
  usePages<FillsPage>('/api/v1/fills', { ...asked, session }, session !== undefined);
export const useSignals = (session: string | undefined, asked: Asked) =>
  usePages<SignalsPage>('/api/v1/signals', { ...asked, session }, session !== undefined);
export const useRefusals = (session: string | undefined, asked: Asked) =>
  usePages<RefusalsPage>('/api/v1/signals/refused', { ...asked, session }, session !== undefined);
export const useAlerts = (asked: Asked) => usePages<AlertsPage>('/api/v1/alerts', asked);
export const useAudit = (asked: Asked, enabled = true) => usePages<AuditPage>('/api/v1/audit', asked, enabled);
