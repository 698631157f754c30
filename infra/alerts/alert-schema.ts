import { z } from 'zod';

const time = z.iso.datetime();

/** An alert as routes answer it. */
export const alertSchema = z
  .object({
    id: z.int(),
    key: z.string(),
    type: z.string(),
    severity: z.enum(['info', 'warning', 'critical']),
    session: z.string().nullable(),
    words: z.string(),
    details: z.unknown(),
    raisedAt: time,
    lastAt: time,
    times: z.int(),
    resolvedAt: time.nullable(),
    resolution: z.string().nullable(),
    waiting: z.record(z.string(), z.int()),
    answer: z.string().nullable(),
    acknowledgedAt: time.nullable(),
    acknowledgedBy: z.string().nullable(),
  })
  .meta({ id: 'Alert' });
