import { z } from 'zod';
import { route, type Route } from '../../http/route.ts';
import { changeRiskProfile, showRiskProfile } from '../profile/risk-profiles.ts';
import { doingOf, requireUser } from './auth-parts.ts';
import { nameParams } from './schemas.ts';

const amount = z.number().positive().max(1e15).nullable();
const profileFields = {
  orderValueMax: amount.meta({ description: 'of one order, in the currency of its symbol; null for no bound' }),
  dailyOrdersMax: z.int().min(0).max(1_000_000).nullable().meta({ description: 'of a day in UTC' }),
  dailyValueMax: amount.meta({ description: 'of all orders of a day in UTC' }),
  sessionCapitalMax: amount.meta({ description: 'of a session that the user starts' }),
  symbols: z.array(z.string().min(1).max(100)).max(1_000).nullable().meta({ description: 'null for all' }),
};
const shownSchema = z
  .object({
    name: z.string(),
    profile: z.object(profileFields),
    changedBy: z.string().nullable(),
    changedAt: z.iso.datetime().nullable(),
    today: z.object({ orders: z.int(), value: z.number() }),
  })
  .meta({ id: 'RiskProfile' });

/** What users may ask for, before any session's own limits. */
export function profileRoutes(): Route[] {
  const tag = 'users';
  return [
    route({
      method: 'GET',
      path: '/api/v1/me/risk-profile',
      permission: 'self',
      summary: 'What one’s orders may ask for, and what they have asked for today',
      tag,
      answers: { 200: shownSchema },
      handle: async ({ identity, context }) =>
        showRiskProfile(await context.database(), requireUser(identity!).name, context.clock()),
    }),
    route({
      method: 'GET',
      path: '/api/v1/users/:name/risk-profile',
      permission: 'users:manage',
      summary: 'What the orders of a user may ask for',
      tag,
      params: nameParams,
      answers: { 200: shownSchema },
      handle: async ({ params, context }) => showRiskProfile(await context.database(), params.name, context.clock()),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/users/:name/risk-profile',
      permission: 'users:manage',
      summary: 'Change what the orders of a user may ask for: what is not named stays',
      tag,
      params: nameParams,
      body: z.strictObject({ ...z.object(profileFields).partial().shape, reason: z.string().trim().min(1).max(1_000) }),
      answers: { 200: shownSchema },
      handle: async (request) => changeRiskProfile(await doingOf(request), request.params.name, request.body),
    }),
  ];
}
