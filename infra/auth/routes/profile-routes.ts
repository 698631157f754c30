import { z } from 'zod';
import { route, type Route } from '../../http/route.ts';
import { changeRiskProfile, showRiskProfile } from '../profile/risk-profiles.ts';
import { doingOf } from './auth-parts.ts';
import { requireUser } from '../identity.ts';
import { nameParams, profileFields, riskProfileSchema } from './schemas.ts';

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
      answers: { 200: riskProfileSchema },
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
      answers: { 200: riskProfileSchema },
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
      answers: { 200: riskProfileSchema },
      handle: async (request) => changeRiskProfile(await doingOf(request), request.params.name, request.body),
    }),
  ];
}
