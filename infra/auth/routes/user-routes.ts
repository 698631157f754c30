import { z } from 'zod';
import { route, RouteAnswer, type Route } from '../../http/route.ts';
import { alterUser, createToken, createUser, endToken, listedUsers, renewLink } from '../accounts.ts';
import { listTokens } from '../token-store.ts';
import { doingOf, type AuthParts } from './auth-parts.ts';
import {
  linkSchema,
  listedUserSchema,
  nameParams,
  newTokenSchema,
  roleSchema,
  sessionsSchema,
  tokenSchema,
  userSchema,
} from './schemas.ts';

const common = { permission: 'users:manage', tag: 'users' } as const;

/** Routes of users. */
export function userRoutes({ authenticator }: AuthParts): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/api/v1/users',
      summary: 'All users',
      answers: { 200: z.object({ users: z.array(listedUserSchema) }) },
      handle: async ({ context }) => ({ users: await listedUsers(await context.database()) }),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api/v1/users',
      summary: 'Add a user, who chooses a password by the one-time link in the answer',
      body: z.strictObject({ name: z.string(), role: roleSchema, sessions: sessionsSchema.optional() }),
      answers: { 201: linkSchema },
      shownOnce: true,
      handle: async (request) => new RouteAnswer(201, await createUser(await doingOf(request), request.body)),
    }),
    route({
      ...common,
      method: 'PUT',
      path: '/api/v1/users/:name',
      summary: 'Change role or sessions of a user, or let them in no more',
      params: nameParams,
      body: z.strictObject({
        role: roleSchema.optional(),
        sessions: sessionsSchema.optional(),
        disabled: z.boolean().optional(),
        providerSubject: z.string().min(3).max(1_000).optional(),
      }),
      answers: { 200: userSchema },
      handle: async (request) => {
        const user = await alterUser(await doingOf(request), request.params.name, request.body);
        authenticator.forget();
        return user;
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api/v1/users/:name/link',
      summary: 'A new one-time link for a user: earlier ones are void',
      params: nameParams,
      answers: { 201: linkSchema },
      shownOnce: true,
      handle: async (request) => new RouteAnswer(201, await renewLink(await doingOf(request), request.params.name)),
    }),
  ];
}

/** Routes of tokens of programs. */
export function tokenRoutes({ authenticator }: AuthParts): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      path: '/api/v1/tokens',
      summary: 'All tokens of programs, without their secrets',
      answers: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      handle: async ({ context }) => ({ tokens: await listTokens((await context.database()).pool) }),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api/v1/tokens',
      summary: 'Make a token for a program; the secret is in this answer and nowhere else',
      body: newTokenSchema,
      answers: { 201: z.object({ value: z.string(), token: tokenSchema }) },
      shownOnce: true,
      handle: async (request) => new RouteAnswer(201, await createToken(await doingOf(request), request.body)),
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/api/v1/tokens/:name',
      summary: 'Revoke a token: programs that hold it are refused within five seconds',
      params: nameParams,
      answers: { 200: tokenSchema },
      handle: async (request) => {
        const token = await endToken(await doingOf(request), request.params.name);
        authenticator.forget();
        return token;
      },
    }),
  ];
}
