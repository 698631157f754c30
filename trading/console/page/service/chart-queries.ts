import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { ask, withQuery } from './ask.ts';
import type { Board, EquityCurve, PanelData, ProbabilityCurve, Series } from './chart-shapes.ts';

const SLOW_MS = 15_000;
const RARE_MS = 60_000;

/** Equity of a session from a moment on, beside its benchmark. */
export function useEquity(session: string | undefined, from: string | undefined): UseQueryResult<EquityCurve> {
  return useQuery({
    queryKey: ['equity', session, from],
    queryFn: ({ signal }) =>
      ask<EquityCurve>(
        'GET',
        withQuery(`/api/v1/sessions/${encodeURIComponent(session!)}/equity`, { from, points: 800 }),
        { signal },
      ),
    enabled: session !== undefined,
    refetchInterval: SLOW_MS,
    placeholderData: keepPreviousData,
  });
}

/** Every series of bars in the store. */
export function useSeries(enabled: boolean): UseQueryResult<readonly Series[]> {
  return useQuery({
    queryKey: ['series'],
    queryFn: async ({ signal }) => (await ask<{ series: Series[] }>('GET', '/api/v1/market-data', { signal })).series,
    enabled,
    refetchInterval: RARE_MS,
  });
}

/** Symbols that a session trades. */
export function useSessionSymbols(session: string | undefined): UseQueryResult<readonly string[]> {
  return useQuery({
    queryKey: ['session-symbols', session],
    queryFn: async ({ signal }) =>
      (await ask<{ symbols: string[] }>('GET', `/api/v1/sessions/${encodeURIComponent(session!)}`, { signal })).symbols,
    enabled: session !== undefined,
    staleTime: RARE_MS,
  });
}

/** What the model of a session said of a symbol from a moment on. */
export function useProbability(
  session: string | undefined,
  symbol: string | undefined,
  from: string | undefined,
): UseQueryResult<ProbabilityCurve> {
  return useQuery({
    queryKey: ['probability', session, symbol, from],
    queryFn: ({ signal }) =>
      ask<ProbabilityCurve>(
        'GET',
        withQuery(`/api/v1/sessions/${encodeURIComponent(session!)}/probability`, { symbol, from, points: 5_000 }),
        { signal },
      ),
    enabled: session !== undefined && symbol !== undefined && from !== undefined,
    refetchInterval: SLOW_MS,
    placeholderData: keepPreviousData,
  });
}

export function useBoards(): UseQueryResult<readonly Board[]> {
  return useQuery({
    queryKey: ['boards'],
    queryFn: async ({ signal }) => (await ask<{ boards: Board[] }>('GET', '/api/v1/boards', { signal })).boards,
    staleTime: Infinity,
  });
}

export function useChoices(board: string, choice: string | undefined): UseQueryResult<readonly string[]> {
  return useQuery({
    queryKey: ['choices', board, choice],
    queryFn: async ({ signal }) =>
      (await ask<{ values: string[] }>('GET', `/api/v1/boards/${board}/choices/${choice!}`, { signal })).values,
    enabled: choice !== undefined,
    refetchInterval: RARE_MS,
  });
}

/** What panels of a board are looked at with. */
export interface PanelScope {
  readonly spanMs: number;
  /** Where the span ends, which moves on with a session; null: now. */
  readonly end: string | null;
  readonly sessions: readonly string[];
  /** Null: it is not asked for again. */
  readonly everyMs: number | null;
}

/** What a panel shows, asked for again in time; the span moves on with the clock. */
export function usePanel(
  board: string,
  place: number,
  { spanMs, end, sessions, everyMs }: PanelScope,
  now: () => number,
): UseQueryResult<PanelData> {
  return useQuery({
    // A moment that moves on is no other question: it would be dropped for the next before it is answered.
    queryKey: ['panel', board, place, spanMs, end !== null, sessions],
    queryFn: ({ signal }) => {
      const to = end === null ? now() : Date.parse(end) + 1;
      const asked = new URLSearchParams({
        from: new Date(to - spanMs).toISOString(),
        to: new Date(to).toISOString(),
      });
      for (const session of sessions) asked.append('session', session);
      return ask<PanelData>('GET', `/api/v1/boards/${board}/panels/${place}?${asked.toString()}`, { signal });
    },
    refetchInterval: everyMs ?? false,
    placeholderData: keepPreviousData,
  });
}
