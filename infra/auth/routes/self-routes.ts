import { z } from 'zod';
import { route, RouteAnswer, type Route } from '../../http/route.ts';
import { allowedTo } from '../identity.ts';
import { csrfOf } from '../sign-in.ts';
import { changeUser, findUser } from '../user-store.ts';
import { type AuthParts } from './auth-parts.ts';
import { requireUser } from '../identity.ts';
import { meSchema, userSchema } from './schemas.ts';
import { cookiesOf } from './sign-in-routes.ts';

/** Routes of whoever is signed in, about themselves. */
export function selfRoutes({ signIns, authenticator, secret }: AuthParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/me',
      permission: 'self',
      summary: 'Who asks, and what they may',
      tag: 'users',
      answers: { 200: meSchema },
      handle: async ({ identity, context }) => {
        const { kind, name, role, sessions, id, signIn, mustEnrol = false } = identity!;
        const user = kind === 'user' ? await findUser((await context.database()).pool, { id }) : undefined;
        const csrf = signIn === null ? null : csrfOf(secret, signIn);
        const preferences = user?.preferences ?? {};
        const permissions = allowedTo(identity!);
        return { name, kind, role, permissions, sessions, preferences, csrf, mustEnrol };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/me/preferences',
      permission: 'self',
      summary: 'Keep what a user likes: time zone, locale, theme',
      tag: 'users',
      body: z.record(z.string().max(100), z.unknown()),
      answers: { 200: userSchema },
      bodyLimit: 65_536,
      handle: async ({ identity, body, context }) => {
        const { id } = requireUser(identity!);
        return (await changeUser((await context.database()).pool, id, { preferences: body }))!;
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/auth/sign-out',
      permission: 'self',
      summary: 'End a sign-in with all that follows from it',
      tag: 'users',
      answers: { 204: z.null() },
      handle: async ({ identity }) => {
        const { signIn, name } = requireUser(identity!);
        await signIns.end(signIn, name);
        authenticator.forget();
        return new RouteAnswer(204, undefined, { cookies: cookiesOf('', '', '') });
      },
    }),
  ];
}
