import { z } from 'zod';
import type { BarColumns } from '../../features/bar.ts';
import { FEATURE_TIMEFRAMES } from '../../features/timeframe.ts';
import { flagQuery } from '../../infra/http/page.ts';
import { route, type Route } from '../../infra/http/route.ts';
import { listSeries, type StoredSeries } from './bar-series-store.ts';
import { chartBars } from '../charts/chart-bars.ts';

/** Bars that one answer holds at most. */
const BARS_MAX = 100_000;
const LATEST_MAX = 1_000;

const time = z.iso.datetime();
export const seriesSchema = z
  .object({
    id: z.int(),
    source: z.string(),
    origin: z.string(),
    symbol: z.string(),
    timeframe: z.string(),
    calendar: z.string(),
    bars: z.int(),
    from: time.nullable(),
    to: time.nullable().meta({ description: 'open of the last bar' }),
    statement: z.string(),
  })
  .meta({ id: 'Series' });
const barSchema = z
  .object({
    time,
    closeTime: time,
    open: z.number(),
    high: z.number(),
    low: z.number(),
    close: z.number(),
    volume: z.number(),
  })
  .meta({ id: 'Bar' });
const column = z.array(z.number());
/** Bars as columns of equal length. */
export const barColumnsShape = {
  time: column.meta({ description: 'opens, in milliseconds since 1970' }),
  open: column,
  high: column,
  low: column,
  close: column,
  volume: column,
  more: z.boolean().meta({ description: 'there are later ones, or (`last`) earlier ones: ask on from there' }),
};
export const columnsSchema = z
  .object({ series: seriesSchema, ...barColumnsShape, timeframe: z.string() })
  .meta({ id: 'BarColumns' });

/** Bars of which timeframe and source. */
export const whichBars = {
  timeframe: z
    .enum(FEATURE_TIMEFRAMES as unknown as [string, ...string[]])
    .optional()
    .meta({ description: 'one that is not stored is made of a shorter one' }),
  source: z.string().min(1).max(100).optional(),
};
const moment = z.iso.datetime({ offset: true }).or(z.iso.date());
/** A part of the bars; how many of them each route says. */
export const rangeQuery = {
  from: moment.optional(),
  to: moment.optional().meta({ description: 'opens before it' }),
  last: flagQuery.meta({ description: 'the last of them: a page before `to`' }),
};
const symbolParams = z.strictObject({ symbol: z.string().min(1).max(100) });
const reads = { method: 'GET', permission: 'market:read', tag: 'market' } as const;

/** A new bar is seen that much later. */
const KEPT_MS = 250;

/** Bars of the store. */
export function barRoutes(): Route[] {
  return [
    route({
      ...reads,
      keptMs: KEPT_MS,
      path: '/api/v1/market-data',
      summary: 'Every series of bars in the store',
      answers: { 200: z.object({ series: z.array(seriesSchema) }) },
      handle: async ({ context }) => ({
        series: (await listSeries((await context.database()).pool)).map(describeSeries),
      }),
    }),
    route({
      ...reads,
      keptMs: KEPT_MS,
      path: '/api/v1/market-data/:symbol',
      summary: 'The newest bars of a symbol, the newest last',
      params: symbolParams,
      query: z.strictObject({ ...whichBars, limit: z.coerce.number().int().min(1).max(LATEST_MAX).default(100) }),
      answers: { 200: z.object({ series: seriesSchema, bars: z.array(barSchema) }) },
      handle: async ({ params, query, context }) => {
        const { limit, ...which } = query;
        const wanted = { symbol: params.symbol, ...which };
        const { series, bars } = await chartBars(await context.database(), wanted, { limit, last: true });
        return { series: describeSeries(series), bars: rowsOf(bars) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/historical/:symbol',
      summary: 'Bars of a symbol by columns, the oldest first',
      params: symbolParams,
      query: z.strictObject({
        ...whichBars,
        ...rangeQuery,
        limit: z.coerce.number().int().min(1).max(BARS_MAX).default(BARS_MAX),
      }),
      answers: { 200: columnsSchema },
      handle: async ({ params, query, context }) => {
        const { from, to, limit, last, ...which } = query;
        const range = { fromMs: momentOf(from), toMs: momentOf(to), limit, last };
        const found = await chartBars(await context.database(), { symbol: params.symbol, ...which }, range);
        const { series, timeframe, bars, more } = found;
        return { series: describeSeries(series), ...barColumns(bars), more, timeframe };
      },
    }),
  ];
}

/** A moment of a query in milliseconds. */
export const momentOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text);
const isoOf = (timeMs: number): string | null => (Number.isNaN(timeMs) ? null : new Date(timeMs).toISOString());

/** A series as routes tell it. */
export function describeSeries(one: StoredSeries): z.infer<typeof seriesSchema> {
  const { id, source, origin, symbol, timeframe, calendar, bars, firstOpenMs, lastOpenMs, sourceStatement } = one;
  const kept = { id, source, origin, symbol, timeframe, calendar, bars };
  return { ...kept, from: isoOf(firstOpenMs), to: isoOf(lastOpenMs), statement: sourceStatement };
}

function rowsOf(bars: BarColumns): z.infer<typeof barSchema>[] {
  return Array.from({ length: bars.length }, (_, row) => ({
    time: new Date(bars.openTimeMs[row]!).toISOString(),
    closeTime: new Date(bars.closeTimeMs[row]!).toISOString(),
    open: bars.open[row]!,
    high: bars.high[row]!,
    low: bars.low[row]!,
    close: bars.close[row]!,
    volume: bars.volume[row]!,
  }));
}

/** Bars as routes send them. */
export function barColumns({ openTimeMs, open, high, low, close, volume }: BarColumns): {
  readonly [Name in 'time' | 'open' | 'high' | 'low' | 'close' | 'volume']: number[];
} {
  return {
    time: Array.from(openTimeMs),
    open: Array.from(open),
    high: Array.from(high),
    low: Array.from(low),
    close: Array.from(close),
    volume: Array.from(volume),
  };
}
