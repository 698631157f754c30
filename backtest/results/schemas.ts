import { z } from 'zod';

// What the routes answer about runs; the console takes its types from here.

/** A run or session as it is listed. */
const runSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    name: z.string().nullable(),
    made: z.iso.datetime(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    bars: z.int().nullable(),
    totalReturn: z.number().nullable(),
    sharpe: z.number().nullable(),
    maxDrawdown: z.number().nullable(),
    trades: z.int().nullable(),
    verdict: z.string().nullable(),
    deflatedSharpe: z.number().nullable(),
    trials: z.int().nullable(),
  })
  .meta({ id: 'Run' });
export const runsSchema = z.object({ runs: z.array(runSchema), more: z.int(), unread: z.array(z.string()) });

const column = z.array(z.number());

/** Curves of a run by columns, one value for each mark. */
export const chartSchema = z
  .object({
    id: z.string(),
    currency: z.string().nullable(),
    marks: z.int().meta({ description: 'more than there are points where these were thinned' }),
    timeMs: column.meta({ description: 'milliseconds since 1970' }),
    equity: column,
    drawdown: column.meta({ description: 'fractions at or below 0' }),
    buyAndHold: column.nullable().meta({ description: 'null where an earlier version did not keep it' }),
    buyAndHoldDrawdown: column.nullable(),
    sameExposure: column.nullable(),
    months: z
      .array(z.object({ month: z.string(), return: z.number() }))
      .nullable()
      .meta({ description: 'net returns of calendar months, as fractions' }),
  })
  .meta({ id: 'RunChart' });
