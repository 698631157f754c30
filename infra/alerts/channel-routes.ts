import { z } from 'zod';
import { appendAudit } from '../audit/audit-store.ts';
import { operatorOf } from '../audit/operator.ts';
import { route, type Route } from '../http/route.ts';
import { testCommand } from './alert-actions.ts';
import { CHANNEL_NAMES, LEVELS } from './alert-settings.ts';
import { channelStandings } from './alert-store.ts';
import { configuredChannels } from './configured-channels.ts';
import { listChoices, putChoice } from './inbox/choice-store.ts';
import { choiceSchema, leastOrNoneSchema, typeSchema } from './inbox/inbox-routes.ts';
import { requireOwn } from './require-own.ts';
import { triedSchema } from './tried-schema.ts';

const time = z.iso.datetime();
export const channelsSchema = z.object({
  channels: z.array(
    z.object({
      name: z.enum(CHANNEL_NAMES),
      configured: z.boolean(),
      least: z.enum(LEVELS).meta({ description: 'what is less severe is not told there, as it is configured' }),
      waiting: z.int(),
      lastAt: time.nullable(),
      answer: z.string().nullable().meta({ description: 'what it last failed with, where a message waits' }),
    }),
  ),
  choices: z.array(choiceSchema),
});

/** The channels of the house: how they stand, what they are told of, and a test. */
export function channelRoutes(): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/alerts/channels',
      permission: 'alerts:read',
      summary: 'The channels of the house, whether they take what they are told, and what they are told of',
      tag: 'alerts',
      answers: { 200: channelsSchema },
      handle: async ({ context }) => {
        const { pool } = await context.database();
        const configured = new Set(configuredChannels(context.config).map(({ name }) => name));
        const standings = await channelStandings(pool, CHANNEL_NAMES);
        const { least } = context.config.alerts;
        const channels = CHANNEL_NAMES.map((name) => ({
          ...{ name, configured: configured.has(name), least: least[name] ?? 'info' },
          ...(standings.get(name) ?? { waiting: 0, lastAt: null, answer: null }),
        }));
        return { channels, choices: await listChoices(pool, null) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/alerts/channels/:channel/test',
      permission: 'alerts:answer',
      summary: 'Sends a test to a channel that is configured here, or to all of them',
      tag: 'alerts',
      params: z.object({ channel: z.enum([...CHANNEL_NAMES, 'all']) }),
      answers: { 200: z.object({ channels: z.array(triedSchema) }) },
      handle: async ({ context, identity, params: { channel } }) => {
        requireOwn(identity!, null);
        return (await testCommand(context, channel)).value;
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/alerts/channels/choices',
      permission: 'alerts:answer',
      summary: 'Chooses from which severity on a channel of the house is told of a type',
      tag: 'alerts',
      body: z.strictObject({ channel: z.enum(CHANNEL_NAMES), type: typeSchema, least: leastOrNoneSchema }),
      answers: { 200: z.object({ choices: z.array(choiceSchema) }) },
      handle: async ({ context, identity, body }) => {
        requireOwn(identity!, null);
        const database = await context.database();
        const actor = operatorOf(context.config);
        await database.transaction(async (client) => {
          await putChoice(client, null, body);
          const note = { actor, action: 'alert-choice', sessionId: null, reason: '', details: { ...body } };
          await appendAudit(client, [note]);
        });
        return { choices: await listChoices(database.pool, null) };
      },
    }),
  ];
}
