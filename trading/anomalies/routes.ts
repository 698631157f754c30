import { z } from 'zod';
import { route, type Route } from '../../infra/http/route.ts';
import { sessionQuery } from '../sessions/routes/schemas.ts';
import { visibleSession } from '../sessions/routes/visible-session.ts';
import { anomaliesOutput } from './anomalies-command.ts';
import { ANOMALY_KINDS, LEAST_MIN, LEAST_SCORE, type AnomalyKind } from './anomaly.ts';

const KINDS = Object.keys(ANOMALY_KINDS) as [AnomalyKind, ...AnomalyKind[]];

const anomalySchema = z
  .object({
    time: z.iso.datetime().meta({ description: 'when it was known' }),
    of: z.enum(['market', 'fills', 'model']),
    kind: z.enum(KINDS),
    symbol: z.string().nullable().meta({ description: 'null: of all symbols together' }),
    value: z.number(),
    usual: z.number().meta({ description: 'a median of before, or the bound that the value is beyond' }),
    score: z.number().meta({ description: 'standard deviations, as the past has them' }),
    words: z.string(),
  })
  .meta({ id: 'Anomaly' });
export const anomaliesSchema = z.object({
  of: z.string(),
  least: z.number(),
  looked: z.object({ bars: z.int(), fills: z.int(), predictions: z.int() }),
  found: z.int(),
  anomalies: z.array(anomalySchema),
});

/** What lies far out of its own past: what the command `anomalies` shows of a session. */
export function anomalyRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/anomalies',
      permission: 'sessions:read',
      summary: 'What lies far out of its own past, in a session: in its bars, its fills, what its models say',
      tag: 'sessions',
      query: z.strictObject({
        ...sessionQuery,
        least: z.coerce.number().min(LEAST_MIN).max(1_000).default(LEAST_SCORE),
        limit: z.coerce.number().int().min(1).max(10_000).default(100).meta({ description: 'the newest' }),
      }),
      answers: { 200: anomaliesSchema },
      handle: async (request) => {
        const { least, limit } = request.query;
        const session = await visibleSession(request, request.query.session);
        const asked = { session, least: String(least), limit: String(limit) };
        return (await anomaliesOutput(await request.context.database(), asked)).value;
      },
    }),
  ];
}
