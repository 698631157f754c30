import { z } from 'zod';
import { maySee } from '../../auth/identity.ts';
import { route, type Route, type RouteRequest } from '../../http/route.ts';
import { LEVELS } from '../alert-settings.ts';
import { requireOwn } from '../require-own.ts';
import { triedSchema } from '../tried-schema.ts';
import { ALERT_METRIC_NAMES } from './alert-metric.ts';
import { holdingRules } from './evaluate-rules.ts';
import { removeRuleCommand, RULE_CHANNELS, rulesCommand, setRuleCommand, testRuleCommand } from './rule-actions.ts';

const severity = z.enum(LEVELS);
const metric = z.enum(ALERT_METRIC_NAMES);
const channels = z.array(z.enum(RULE_CHANNELS)).max(20);
const ruleFields = {
  name: z.string(),
  metric,
  above: z.boolean().meta({ description: 'at or above the threshold; false: at or below it' }),
  threshold: z.number(),
  forSeconds: z.int(),
  windowSeconds: z
    .int()
    .nullable()
    .meta({ description: 'over how much a latency or a count is measured; null: 15 minutes' }),
  severity,
  session: z.string().nullable(),
  channels: z.array(z.string()).nullable().meta({ description: 'null: as for every alert' }),
  enabled: z.boolean(),
};
const ruleSchema = z
  .object({
    ...ruleFields,
    builtIn: z.boolean(),
    madeAt: z.iso.datetime().nullable(),
    madeBy: z.string().nullable(),
  })
  .meta({ id: 'AlertRule' });
export const rulesSchema = z.object({
  rules: z.array(ruleSchema),
  metrics: z.array(
    z.object({
      ...{ name: metric, of: z.string(), unit: z.string(), words: z.string() },
      windowSeconds: z.int().optional().meta({ description: 'over so much of the last while, unless a rule differs' }),
    }),
  ),
});
const params = z.object({ rule: z.string().min(1).max(60) });

/** Rules of alerts: read, made, removed, tried. */
export function ruleRoutes(): Route[] {
  return [
    ...changeRoutes(),
    route({
      method: 'GET',
      path: '/api/v1/alerts/rules',
      permission: 'alerts:read',
      summary: 'When something that is measured is an alert, and what can be measured',
      tag: 'alerts',
      answers: { 200: rulesSchema },
      handle: async ({ context, identity }) => {
        const { rules, metrics } = (await rulesCommand(context)).value as z.infer<typeof rulesSchema>;
        return { rules: rules.filter(({ session }) => session === null || maySee(identity!, session)), metrics };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/alerts/rules/:rule',
      permission: 'alerts:answer',
      summary: 'Removes a rule; one that comes with the program is as it comes again',
      tag: 'alerts',
      params,
      answers: { 200: z.object({ name: z.string() }) },
      handle: async (request) => {
        await requireOwnRule(request);
        return (await removeRuleCommand(request.context, request.params.rule)).value;
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/alerts/rules/:rule/test',
      permission: 'alerts:answer',
      summary: 'Sends a test to the channels that a rule is told to',
      tag: 'alerts',
      params,
      answers: { 200: z.object({ channels: z.array(triedSchema) }) },
      handle: async (request) => {
        await requireOwnRule(request);
        return (await testRuleCommand(request.context, request.params.rule)).value;
      },
    }),
  ];
}

function changeRoutes(): Route[] {
  return [
    route({
      method: 'PUT',
      path: '/api/v1/alerts/rules/:rule',
      permission: 'alerts:answer',
      summary: 'Makes a rule, or changes one: it holds from the next look on',
      tag: 'alerts',
      params,
      body: z.strictObject({
        metric: z.string().max(60),
        above: z.number().optional(),
        below: z.number().optional(),
        for: z
          .string()
          .max(10)
          .meta({ description: 'a span from 0s to 7d', examples: ['60s'] }),
        over: z.string().max(10).optional().meta({
          description: 'over how much a latency or a count is measured, from 10s to 1d; 15m where it is left out',
        }),
        severity,
        session: z.string().min(1).max(300).nullable().optional(),
        channels: channels.nullable().optional(),
        enabled: z.boolean().default(true),
      }),
      answers: { 200: z.object(ruleFields) },
      handle: async (request) => {
        const {
          params: { rule },
          body,
          context,
          identity,
        } = request;
        requireOwn(identity!, body.session ?? null);
        await requireOwnRule(request);
        const { above, below, channels: channel, enabled, ...more } = body;
        const options = {
          ...more,
          ...(above === undefined ? {} : { above: String(above) }),
          ...(below === undefined ? {} : { below: String(below) }),
          ...(channel === undefined ? {} : { channel }),
          off: !enabled,
        };
        return (await setRuleCommand(context, rule, options)).value;
      },
    }),
  ];
}

/** Whoever is bound to sessions has rules of these alone. @throws HttpProblem for a rule of others */
async function requireOwnRule({
  params: { rule },
  context,
  identity,
}: Pick<RouteRequest<{ rule: string }>, 'params' | 'context' | 'identity'>): Promise<void> {
  if (identity!.sessions === null) return;
  const found = (await holdingRules((await context.database()).pool)).find(({ name }) => name === rule);
  if (found !== undefined) requireOwn(identity!, found.session);
}
