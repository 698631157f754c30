import { z } from 'zod';
import { route, RouteAnswer, type Route } from '../../http/route.ts';
import { endOwnSignIn, endOwnToken, createOwnToken } from '../own-access.ts';
import { signInsOf } from '../sign-in-store.ts';
import { tokensOf } from '../token-store.ts';
import { doingOf, type AuthParts } from './auth-parts.ts';
import { requireUser } from '../identity.ts';
import { nameParams, newTokenSchema, signInSchema, tokenSchema } from './schemas.ts';

const self = { permission: 'self', tag: 'users' } as const;
/** Where a user is signed in, and the tokens of their programs. */
export function ownAccessRoutes({ authenticator }: AuthParts): Route[] {
  return [
    route({
      ...self,
      method: 'GET',
      path: '/api/v1/me/sign-ins',
      summary: 'Where one is signed in',
      answers: { 200: z.object({ signIns: z.array(signInSchema) }) },
      handle: async ({ identity, context }) => {
        const { id, signIn } = requireUser(identity!);
        const found = await signInsOf((await context.database()).pool, id, new Date(context.clock()));
        return { signIns: found.map((one) => ({ ...one, current: one.id === signIn })) };
      },
    }),
    route({
      ...self,
      method: 'DELETE',
      path: '/api/v1/me/sign-ins/:id',
      summary: 'End one of one’s sign-ins; within five seconds nothing of it is answered',
      params: z.strictObject({ id: z.coerce.number().int().positive() }),
      answers: { 204: z.null() },
      handle: async (request) => {
        const { id } = requireUser(request.identity!);
        await endOwnSignIn(await doingOf(request), id, request.params.id);
        authenticator.forget();
        return new RouteAnswer(204, undefined);
      },
    }),
    ...ownTokenRoutes(authenticator),
  ];
}

function ownTokenRoutes(authenticator: AuthParts['authenticator']): Route[] {
  return [
    route({
      ...self,
      method: 'GET',
      path: '/api/v1/me/tokens',
      summary: 'Tokens of one’s own programs, without their secrets',
      answers: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      handle: async ({ identity, context }) => ({
        tokens: await tokensOf((await context.database()).pool, requireUser(identity!).id),
      }),
    }),
    route({
      ...self,
      method: 'POST',
      path: '/api/v1/me/tokens',
      summary: 'Make a token that may what one may oneself, or less; the secret is in this answer and nowhere else',
      body: newTokenSchema,
      answers: { 201: z.object({ value: z.string(), token: tokenSchema }) },
      shownOnce: true,
      handle: async (request) => {
        requireUser(request.identity!);
        return new RouteAnswer(201, await createOwnToken(await doingOf(request), request.identity!, request.body));
      },
    }),
    route({
      ...self,
      method: 'DELETE',
      path: '/api/v1/me/tokens/:name',
      summary: 'Revoke a token of one’s own',
      params: nameParams,
      answers: { 200: tokenSchema },
      handle: async (request) => {
        const { id } = requireUser(request.identity!);
        const token = await endOwnToken(await doingOf(request), id, request.params.name);
        authenticator.forget();
        return token;
      },
    }),
  ];
}
