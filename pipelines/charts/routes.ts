import { z } from 'zod';
import { route, type Route } from '../../infra/http/route.ts';
import { describeSeries, momentOf, rangeQuery, seriesSchema, whichBars } from '../bars/routes.ts';
import { chartBars, READ_BARS_MAX } from './chart-bars.ts';
import { indicatorColumns } from './indicator-columns.ts';

const ROWS_MAX = 20_000;

/** Features over bars, as columns beside those of the bars. */
export const indicatorColumnsShape = {
  timeframe: z.string(),
  time: z.array(z.number()).meta({ description: 'opens, in milliseconds since 1970' }),
  values: z.record(z.string(), z.array(z.number().nullable())).meta({ description: 'by output; null: warming up' }),
  more: z.boolean(),
};
export const indicatorsSchema = z
  .object({ series: seriesSchema, ...indicatorColumnsShape })
  .meta({ id: 'IndicatorColumns' });

/** What is asked of features over bars. */
export const indicatorQuery = {
  ...rangeQuery,
  features: z.string().min(1).max(2_000).meta({ description: 'as of `features`', example: 'rsi(14),ema(20)' }),
  limit: z.coerce.number().int().min(1).max(ROWS_MAX).default(5_000),
};

/** What charts draw beside bars. */
export function chartRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/indicators/:symbol',
      permission: 'market:read',
      summary: 'Features over bars of the store, by the computation of training, from the first bar on',
      tag: 'market',
      params: z.strictObject({ symbol: z.string().min(1).max(100) }),
      query: z.strictObject({ ...whichBars, ...indicatorQuery }),
      answers: { 200: indicatorsSchema },
      handle: async ({ params: { symbol }, query, context }) => {
        const { features, from, to, limit, last, ...which } = query;
        const range = { fromMs: momentOf(from), toMs: momentOf(to), limit, last };
        // Sums that go on from bar to bar are those of the whole series, on whatever page they are shown.
        const all = { toMs: range.toMs, limit: READ_BARS_MAX, last: true };
        const found = await chartBars(await context.database(), { symbol, ...which }, all);
        const { series, timeframe, hours, bars } = found;
        const columns = indicatorColumns(bars, { features, timeframe, hours }, range);
        return { series: describeSeries(series), timeframe, ...columns };
      },
    }),
  ];
}
