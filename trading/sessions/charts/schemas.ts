import { z } from 'zod';
import { barColumnsShape, whichBars } from '../../../pipelines/bars/routes.ts';
import { indicatorColumnsShape, indicatorQuery } from '../../../pipelines/charts/routes.ts';
import { spanQuery } from '../routes/schemas.ts';

const column = z.array(z.number());
const time = column.meta({ description: 'moments of the market, in milliseconds since 1970' });

/** Rows of a curve at most; of more the extremes of each stretch. */
export const curveQuery = z.strictObject({
  ...spanQuery,
  points: z.coerce.number().int().min(10).max(5_000).default(1_000).meta({ description: 'rows at most' }),
});
const symbol = z.string().min(1).max(100);

export const equityCurveSchema = z
  .object({
    session: z.string(),
    currency: z.string().nullable().meta({ description: 'null where it is not on record' }),
    capital: z.number(),
    time,
    equity: column,
    drawdown: column.meta({ description: 'fraction below the highest so far: 0 or less' }),
    gross: column,
    benchmark: column.nullable().meta({ description: 'buy and hold of its symbols in equal parts' }),
    benchmarkWhyNot: z.string().nullable(),
    maxDrawdown: z.number().nullable(),
    points: z.int(),
    thinned: z.boolean(),
  })
  .meta({ id: 'EquityCurve' });

export const probabilityQuery = curveQuery.extend({ symbol });
export const probabilityCurveSchema = z
  .object({
    session: z.string(),
    symbol: z.string(),
    source: z.enum(['training', 'live']).nullable(),
    time,
    probability: column,
    thinned: z.boolean(),
  })
  .meta({ id: 'ProbabilityCurve' });

export const sessionSymbolParams = z.strictObject({ session: z.string().min(1).max(300), symbol });
const { timeframe } = whichBars;
const { features, ...range } = indicatorQuery;
export const sessionBarsQuery = z.strictObject({ timeframe, ...range });
export const sessionBarsSchema = z
  .object({ session: z.string(), symbol: z.string(), timeframe: z.string(), ...barColumnsShape })
  .meta({ id: 'SessionBars' });
export const sessionIndicatorsQuery = z.strictObject({ timeframe, features, ...range });
export const sessionIndicatorsSchema = z
  .object({ session: z.string(), symbol: z.string(), ...indicatorColumnsShape })
  .meta({ id: 'SessionIndicators' });
