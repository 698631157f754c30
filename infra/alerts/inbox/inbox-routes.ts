import { z } from 'zod';
import { requireUser, type Identity } from '../../auth/identity.ts';
import { route, type Route } from '../../http/route.ts';
import { alertSchema } from '../alert-schema.ts';
import { LEVELS } from '../alert-settings.ts';
import { listAlerts } from '../alert-store.ts';
import { eventTypes } from './event-list.ts';
import { listChoices, putChoice } from './choice-store.ts';
import { noteRead, readTo } from './inbox-store.ts';

/** Where a user is told: on the page, and by the browsers that he has told so. */
const OWN_CHANNELS = ['app', 'push'] as const;
/** Alerts that the page keeps at hand. */
const KEPT = 50;

const leastSchema = z.enum([...LEVELS, 'none']);
export const typeSchema = z.string().min(1).max(100).nullable().meta({ description: 'null: of every other type' });
export const choiceSchema = z.object({ channel: z.string(), type: z.string().nullable(), least: leastSchema });
export const leastOrNoneSchema = leastSchema.nullable().meta({ description: 'null: no choice' });
export const inboxSchema = z.object({
  alerts: z.array(alertSchema),
  readTo: z.int(),
  unread: z.int().meta({ description: `of the last ${KEPT}` }),
});
export const choicesSchema = z.object({
  choices: z.array(choiceSchema),
  events: z.array(z.object({ type: z.string(), severity: z.enum(LEVELS), words: z.string() })),
});

/** What a user has read, and what he wants to be told of. */
export function inboxRoutes(): Route[] {
  const common = { permission: 'alerts:read', tag: 'alerts' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/api/v1/alerts/inbox',
      summary: 'The last alerts that whoever asks chose to be told of, and up to which one they were read',
      answers: { 200: inboxSchema },
      handle: async ({ context, identity }) => {
        const userId = userOf(identity!);
        const { pool } = await context.database();
        const seenBy = { userId, sessions: identity!.sessions };
        const alerts = await listAlerts(pool, { limit: KEPT, seenBy });
        const to = await readTo(pool, userId);
        return { alerts, readTo: to, unread: alerts.filter(({ id }) => id > to).length };
      },
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/api/v1/alerts/inbox',
      summary: 'Whoever asks has read up to an alert',
      body: z.strictObject({ readTo: z.int().min(0) }),
      answers: { 200: z.object({ readTo: z.int() }) },
      handle: async ({ context, identity, body }) => {
        const userId = userOf(identity!);
        const { pool } = await context.database();
        await noteRead(pool, userId, body.readTo);
        return { readTo: await readTo(pool, userId) };
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: '/api/v1/alerts/choices',
      summary: 'From which severity on whoever asks is told of which type, on the page and by push',
      answers: { 200: choicesSchema },
      handle: async ({ context, identity }) => {
        const { pool } = await context.database();
        return { choices: await listChoices(pool, userOf(identity!)), events: await eventTypes(pool) };
      },
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/api/v1/alerts/choices',
      summary: 'Chooses from which severity on whoever asks is told of a type',
      body: z.strictObject({ channel: z.enum(OWN_CHANNELS), type: typeSchema, least: leastOrNoneSchema }),
      answers: { 200: z.object({ choices: z.array(choiceSchema) }) },
      handle: async ({ context, identity, body }) => {
        const userId = userOf(identity!);
        const { pool } = await context.database();
        await putChoice(pool, userId, body);
        return { choices: await listChoices(pool, userId) };
      },
    }),
  ];
}

const userOf = (identity: Identity): number => requireUser(identity, 'nobody reads for it').id;
