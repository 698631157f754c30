import { z } from 'zod';
import type { BarColumns } from '../../features/bar.ts';
import { TIMEFRAMES } from '../../features/timeframe.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { route, type Route } from '../../infra/http/route.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { readBars } from './bar-store.ts';
import { listSeries, type StoredSeries } from './bar-series-store.ts';

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
const columnsSchema = z
  .object({
    series: seriesSchema,
    time: column.meta({ description: 'opens, in milliseconds since 1970' }),
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column,
    more: z.boolean().meta({ description: 'there are later ones: ask from the last time on' }),
  })
  .meta({ id: 'BarColumns' });

const which = {
  timeframe: z.enum(TIMEFRAMES as unknown as [string, ...string[]]).optional(),
  source: z.string().min(1).max(100).optional(),
};
const symbolParams = z.strictObject({ symbol: z.string().min(1).max(100) });
const reads = { method: 'GET', permission: 'market:read', tag: 'market' } as const;

/** Bars of the store. */
export function barRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/market-data',
      summary: 'Every series of bars in the store',
      answers: { 200: z.object({ series: z.array(seriesSchema) }) },
      handle: async ({ context }) => ({ series: (await listSeries((await context.database()).pool)).map(describeSeries) }),
    }),
    route({
      ...reads,
      path: '/api/v1/market-data/:symbol',
      summary: 'The newest bars of a symbol, the newest last',
      params: symbolParams,
      query: z.strictObject({ ...which, limit: z.coerce.number().int().min(1).max(LATEST_MAX).default(100) }),
      answers: { 200: z.object({ series: seriesSchema, bars: z.array(barSchema) }) },
      handle: async ({ params, query, context }) => {
        const database = await context.database();
        const series = await seriesOf(database, params.symbol, query);
        const [bars] = await readBars(database, [series.id]);
        return { series: describeSeries(series), bars: rowsOf(bars!, Math.max(0, bars!.length - query.limit)) };
      },
    }),
    route({
      ...reads,
      path: '/api/v1/historical/:symbol',
      summary: 'Bars of a symbol by columns, the oldest first',
      params: symbolParams,
      query: z.strictObject({
        ...which,
        from: z.iso.datetime({ offset: true }).or(z.iso.date()).optional(),
        to: z.iso.datetime({ offset: true }).or(z.iso.date()).optional().meta({ description: 'opens before it' }),
        limit: z.coerce.number().int().min(1).max(BARS_MAX).default(BARS_MAX),
      }),
      answers: { 200: columnsSchema },
      handle: async ({ params, query, context }) => {
        const database = await context.database();
        const series = await seriesOf(database, params.symbol, query);
        const range = { fromMs: momentOf(query.from), toMs: momentOf(query.to), limit: query.limit + 1 };
        const [bars] = await readBars(database, [series.id], range);
        return columnsOf(series, bars!, query.limit);
      },
    }),
  ];
}

const momentOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text));
const isoOf = (timeMs: number): string | null => (Number.isNaN(timeMs) ? null : new Date(timeMs).toISOString());

/** A series as it is answered. */
export function describeSeries(one: StoredSeries): z.infer<typeof seriesSchema> {
  const { id, source, origin, symbol, timeframe, calendar, bars, firstOpenMs, lastOpenMs, sourceStatement } = one;
  const kept = { id, source, origin, symbol, timeframe, calendar, bars };
  return { ...kept, from: isoOf(firstOpenMs), to: isoOf(lastOpenMs), statement: sourceStatement };
}

/** Of several series of a symbol the one that goes furthest: the answer says which. @throws HttpProblem without one */
async function seriesOf(
  { pool }: Pick<Database, 'pool'>,
  symbol: string,
  { timeframe, source }: { readonly timeframe?: string | undefined; readonly source?: string | undefined },
): Promise<StoredSeries> {
  const found = (await listSeries(pool)).filter(
    (one) =>
      one.symbol === symbol &&
      (timeframe === undefined || one.timeframe === timeframe) &&
      (source === undefined || one.source === source),
  );
  const [furthest] = found.sort((a, b) => (b.lastOpenMs || -Infinity) - (a.lastOpenMs || -Infinity));
  if (furthest !== undefined) return furthest;
  throw new HttpProblem(404, 'not-found', `There are no such bars of ${symbol}.`, {
    remedy: 'GET /api/v1/market-data lists what there is; signalbox ingest brings more.',
  });
}

function rowsOf(bars: BarColumns, from: number): z.infer<typeof barSchema>[] {
  return Array.from({ length: bars.length - from }, (_, n) => {
    const row = from + n;
    return {
      time: new Date(bars.openTimeMs[row]!).toISOString(),
      closeTime: new Date(bars.closeTimeMs[row]!).toISOString(),
      open: bars.open[row]!,
      high: bars.high[row]!,
      low: bars.low[row]!,
      close: bars.close[row]!,
      volume: bars.volume[row]!,
    };
  });
}

function columnsOf(series: StoredSeries, bars: BarColumns, limit: number): z.infer<typeof columnsSchema> {
  const length = Math.min(bars.length, limit);
  const some = (values: Float64Array): number[] => Array.from(values.subarray(0, length));
  const { open, high, low, close, volume } = bars;
  return {
    series: describeSeries(series),
    time: some(bars.openTimeMs),
    open: some(open),
    high: some(high),
    low: some(low),
    close: some(close),
    volume: some(volume),
    more: bars.length > length,
  };
}
