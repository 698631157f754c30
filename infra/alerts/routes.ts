import { z } from 'zod';
import { maySee } from '../auth/identity.ts';
import { asked, cursorOf, nextSchema, pageQuery } from '../http/page.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import { listCommand } from './alert-actions.ts';

const time = z.iso.datetime();
const alertSchema = z
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
  })
  .meta({ id: 'Alert' });

/** What people are to know at once. */
export function alertRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/alerts',
      permission: 'alerts:read',
      summary: 'Alerts, open and past, the newest first',
      tag: 'alerts',
      query: z.strictObject({
        ...pageQuery,
        session: z.string().min(1).max(300).optional(),
        type: z.string().min(1).max(100).optional(),
        open: z.stringbool().default(false).meta({ description: 'only those that are not over' }),
      }),
      answers: { 200: z.object({ alerts: z.array(alertSchema), next: nextSchema }) },
      handle: async ({ query: { session, type, open, ...page }, context, identity }) => {
        if (identity!.sessions !== null && (session === undefined || !maySee(identity!, session))) {
          throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own: name one.');
        }
        const { value } = await listCommand(context, { session, type, open, ...asked(page) });
        const { alerts, next } = value as { alerts: unknown; next: number | null };
        return { alerts, next: cursorOf(next) };
      },
    }),
  ];
}
