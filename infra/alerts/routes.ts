import { z } from 'zod';
import { maySee } from '../auth/identity.ts';
import { asked, cursorOf, flagQuery, nextSchema, pageQuery } from '../http/page.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import { alertSchema } from './alert-schema.ts';
import { acknowledgeCommand, listCommand, silenceCommand } from './alert-actions.ts';
import { listAlerts } from './alert-store.ts';
import { channelRoutes } from './channel-routes.ts';
import { inboxRoutes } from './inbox/inbox-routes.ts';
import { prometheusRoutes } from './prometheus-routes.ts';
import { pushRoutes } from './push/push-routes.ts';
import { requireOwn } from './require-own.ts';
import { ruleRoutes } from './rules/rule-routes.ts';
import type { StoredSilence } from './silence-store.ts';

const time = z.iso.datetime();
const silenceSchema = z
  .object({
    id: z.int(),
    type: z.string().nullable(),
    session: z.string().nullable(),
    until: time,
    madeAt: time,
    madeBy: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'Silence' });
export const silencesSchema = z.object({ silences: z.array(silenceSchema) });
const numberSchema = z.string().regex(/^\d{1,15}$/, 'a whole number');

/** What people are to know at once, and what they say of it. */
export function alertRoutes(): Route[] {
  return [
    ...answerRoutes(),
    ...ruleRoutes(),
    ...channelRoutes(),
    ...inboxRoutes(),
    ...pushRoutes(),
    ...prometheusRoutes(),
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
        open: flagQuery.meta({ description: 'only those that are not over' }),
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

/** That somebody has seen an alert, and that nobody is to be told of some for a while. */
function answerRoutes(): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/alerts/:alert/acknowledge',
      permission: 'alerts:answer',
      summary: 'Says that somebody has seen an alert: it is not told again because nobody has',
      tag: 'alerts',
      params: z.object({ alert: numberSchema }),
      answers: { 200: z.object({ id: z.int(), key: z.string(), session: z.string().nullable() }) },
      handle: async ({ params: { alert }, context, identity }) => {
        const { pool } = await context.database();
        const [found] = await listAlerts(pool, { before: Number(alert) + 1, limit: 1 });
        if (found?.id === Number(alert)) requireOwn(identity!, found.session);
        return (await acknowledgeCommand(context, alert)).value;
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/alerts/silences',
      permission: 'alerts:read',
      summary: 'What is recorded and not told at present',
      tag: 'alerts',
      answers: { 200: silencesSchema },
      handle: async ({ context, identity }) => {
        const { silences } = (await silenceCommand(context, { for: '', reason: '' })).value as Silences;
        return { silences: silences.filter(({ session }) => session === null || maySee(identity!, session)) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/alerts/silences',
      permission: 'alerts:answer',
      summary: 'Records alerts of a type or session without telling them, for a while',
      tag: 'alerts',
      body: z
        .strictObject({
          type: z.string().min(1).max(100).optional(),
          session: z.string().min(1).max(300).optional(),
          for: z
            .string()
            .max(10)
            .meta({ description: 'a span from 1m to 30d', examples: ['2h'] }),
          reason: z.string().min(1).max(500),
        })
        .refine(({ type, session }) => type !== undefined || session !== undefined, 'name a type or a session'),
      answers: { 200: silencesSchema },
      handle: async ({ body, context, identity }) => {
        requireOwn(identity!, body.session ?? null);
        return (await silenceCommand(context, body)).value;
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/alerts/silences/:silence',
      permission: 'alerts:answer',
      summary: 'Ends a silence',
      tag: 'alerts',
      params: z.object({ silence: numberSchema }),
      answers: { 200: silencesSchema },
      handle: async ({ params: { silence }, context, identity }) => {
        const all = (await silenceCommand(context, { for: '', reason: '' })).value as Silences;
        const found = all.silences.find(({ id }) => id === Number(silence));
        if (found !== undefined) requireOwn(identity!, found.session);
        return (await silenceCommand(context, { for: '', reason: '', end: silence })).value;
      },
    }),
  ];
}

interface Silences {
  readonly silences: readonly StoredSilence[];
}
