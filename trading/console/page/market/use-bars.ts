import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask, withQuery } from '../service/ask.ts';
import type { BarPage, IndicatorPage } from '../service/chart-shapes.ts';
import { joinedBars, type BarColumns } from './bar-columns.ts';

/** Bars of one answer: 58 KB as they are sent. */
const PAGE_BARS = 5_000;
const NEW_BARS_MS = 2_000;
const INDICATOR_ROWS = 20_000;

/** Which bars are drawn: those of the store, or those that a session was given live. */
export interface BarsOf {
  readonly symbol: string;
  readonly timeframe: string | undefined;
  /** Null: of the store. */
  readonly session: string | null;
  /** Bars that had closed by then, which moves on with a session; null: all. */
  readonly until: string | null;
}

function pathOf({ symbol, session }: BarsOf, what: 'bars' | 'indicators'): string {
  const name = encodeURIComponent(symbol);
  if (session !== null) return `/api/v1/sessions/${encodeURIComponent(session)}/${what}/${name}`;
  return what === 'bars' ? `/api/v1/historical/${name}` : `/api/v1/indicators/${name}`;
}

const isoOf = (timeMs: number | undefined): string | undefined =>
  timeMs === undefined ? undefined : new Date(timeMs).toISOString();

export interface LoadedBars {
  readonly bars: BarColumns;
  /** As the service has it. */
  readonly timeframe: string | undefined;
  /** Opens of the first bars of the pages, ascending. */
  readonly starts: readonly number[];
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  readonly loadOlder: () => void;
}

/** Bars, the newest page first, older ones when they are asked for, and new ones as they come. */
export function useBars(of: BarsOf): LoadedBars {
  const { symbol, timeframe, session, until } = of;
  const path = pathOf(of, 'bars');
  const key = [symbol, timeframe, session, until !== null];
  const pages = useInfiniteQuery({
    queryKey: ['bars', ...key],
    queryFn: ({ pageParam, signal }) =>
      ask<BarPage>(
        'GET',
        withQuery(path, {
          timeframe,
          limit: PAGE_BARS,
          last: true,
          to: isoOf(pageParam ?? undefined) ?? until ?? undefined,
        }),
        { signal },
      ),
    initialPageParam: null as number | null,
    getNextPageParam: ({ more, time }) => (more ? time[0] : null),
    // What is closed does not change: new bars are asked for by themselves.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const loaded = pages.data?.pages;
  const last = loaded?.[0]?.time.at(-1);
  const since = useQuery({
    queryKey: ['bars-since', ...key, last, until],
    queryFn: ({ signal }) =>
      ask<BarPage>('GET', withQuery(path, { timeframe, limit: PAGE_BARS, from: isoOf(last), to: until ?? undefined }), {
        signal,
      }),
    enabled: last !== undefined && (until === null || Date.parse(until) > last),
    // What a session goes on with asks by itself.
    refetchInterval: until === null ? NEW_BARS_MS : false,
    placeholderData: keepPreviousData,
  });
  const bars = useMemo(() => joinedBars(loaded ?? [], since.data), [loaded, since.data]);
  const starts = useMemo(() => (loaded ?? []).flatMap(({ time }) => time.slice(0, 1)).reverse(), [loaded]);
  return {
    bars,
    timeframe: loaded?.[0]?.timeframe,
    starts,
    error: pages.error,
    isPending: pages.isPending,
    hasOlder: pages.hasNextPage,
    isLoadingOlder: pages.isFetchingNextPage,
    loadOlder: () => void pages.fetchNextPage(),
  };
}

export interface LoadedIndicators {
  /** By name of the output: values by open of the bar. */
  readonly columns: ReadonlyMap<
    string,
    { readonly time: readonly number[]; readonly value: readonly (number | null)[] }
  >;
  readonly error: Error | null;
}

/** Features over the bars that are loaded: page by page as those, so that none is asked for twice. */
export function useIndicators(of: BarsOf, features: string, { starts, bars }: LoadedBars): LoadedIndicators {
  const { symbol, timeframe, session } = of;
  const last = bars.time.at(-1);
  const queries = useQueries({
    queries: starts.map((from, place) => {
      const to = starts[place + 1];
      // The newest page goes on with the bars.
      const end = to ?? last;
      return {
        queryKey: ['indicators', symbol, timeframe, session, features, from, end],
        queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
          ask<IndicatorPage>(
            'GET',
            withQuery(pathOf(of, 'indicators'), {
              ...{ timeframe, features, limit: INDICATOR_ROWS, from: isoOf(from) },
              to: isoOf(to) ?? of.until ?? undefined,
            }),
            { signal },
          ),
        enabled: features !== '',
        staleTime: Infinity,
        placeholderData: (before: IndicatorPage | undefined) => before,
      };
    }),
    combine: (results) => ({
      pages: results.flatMap(({ data }) => (data === undefined ? [] : [data])),
      error: results.find(({ error }) => error !== null)?.error ?? null,
    }),
  });
  const { pages, error } = queries;
  const columns = useMemo(() => joinedColumns(features === '' ? [] : pages), [features, pages]);
  return { columns, error };
}

function joinedColumns(pages: readonly IndicatorPage[]): LoadedIndicators['columns'] {
  const columns = new Map<string, { time: number[]; value: (number | null)[] }>();
  for (const { time, values } of pages) {
    for (const [name, value] of Object.entries(values)) {
      const so = columns.get(name) ?? { time: [], value: [] };
      columns.set(name, { time: [...so.time, ...time], value: [...so.value, ...value] });
    }
  }
  return columns;
}
