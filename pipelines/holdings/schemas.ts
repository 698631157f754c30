import { z } from 'zod';
import { nextSchema } from '../../infra/http/page.ts';
import { seriesSchema } from '../bars/routes.ts';

// What is answered about what the store holds.

const time = z.iso.datetime();
const count = z.int();

export const coverageSchema = z
  .object({
    series: z.array(
      seriesSchema
        .extend({
          expected: count.nullable().meta({ description: 'bars from the first to the last, by the calendar' }),
          revision: count.meta({ description: 'how often bars before the last one were changed or put in' }),
          checked: z.object({ errors: count, warnings: count, infos: count }).nullable(),
          checkedAt: time.nullable(),
        })
        .meta({ id: 'SeriesCoverage' }),
    ),
  })
  .meta({ id: 'Coverage' });

export const monthsSchema = z.object({
  months: z.array(z.object({ month: z.string(), bars: count, expected: count.nullable() })),
});

export const findingsSchema = z
  .object({
    symbol: z.string(),
    bars: count,
    errors: count,
    warnings: count,
    infos: count,
    checks: z.array(z.object({ check: z.string(), findings: count })),
    findings: z.array(
      z.object({
        time: time.nullable(),
        check: z.string(),
        severity: z.enum(['info', 'warning', 'error']),
        bars: count,
        message: z.string(),
      }),
    ),
    next: nextSchema,
  })
  .meta({ id: 'Findings' });

export const actionsSchema = z.object({
  actions: z.array(
    z
      .object({
        kind: z.enum(['split', 'dividend']),
        exDate: z.iso.date(),
        value: z.number().meta({ description: 'new shares per old one, or cash per share' }),
        knownAt: time,
        origin: z.string(),
      })
      .meta({ id: 'CorporateAction' }),
  ),
});

export const correctionsSchema = z.object({
  corrections: z.array(
    z
      .object({
        seriesId: count,
        symbol: z.string(),
        timeframe: z.string(),
        at: time,
        accepted: z.boolean().meta({ description: 'taken over; else refused, and the stored bars stay' }),
        bars: count,
        from: time,
        to: time,
      })
      .meta({ id: 'Correction' }),
  ),
});

export const featureSetsSchema = z.object({
  sets: z.array(
    z
      .object({
        hash: z.string(),
        name: z.string().nullable(),
        version: count,
        timeframe: z.string(),
        expressions: z.array(z.string()),
        columns: z.array(z.string()),
        warmUpBars: count,
        registeredAt: time,
        series: count,
        rows: z.number(),
        bytes: z.number(),
        lastCloseAt: time.nullable(),
        updatedAt: time.nullable(),
        view: z.string().meta({ description: 'its rows for SQL' }),
      })
      .meta({ id: 'FeatureSet' }),
  ),
});

export const featuresSchema = z.object({
  features: z.array(
    z
      .looseObject({
        name: z.string(),
        usage: z.string(),
        outputs: z.array(z.string()),
        source: z.string(),
      })
      .meta({ id: 'Feature' }),
  ),
});
