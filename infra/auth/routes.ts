import { z } from 'zod';
import { InputError } from '../errors.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, RouteAnswer, type Route, type RouteRequest, type SetCookie } from '../http/route.ts';
import { actorOf, type Identity } from './identity.ts';
import { alterUser, createToken, createUser, endToken, renewLink } from './accounts.ts';
import type { Authenticator } from './authenticator.ts';
import { permissionsOf, PERMISSIONS, ROLES } from './roles.ts';
import { SHORT_TOKEN_SECONDS } from './short-token.ts';
import { csrfOf, REFRESH_SECONDS, type Admission, type NoAdmission, type SignIns } from './sign-in.ts';
import { listTokens } from './token-store.ts';
import { changeUser, findUser, listUsers } from './user-store.ts';

/** What the routes of sign-ins, users and tokens work with. */
export interface AuthParts {
  readonly signIns: SignIns;
  readonly authenticator: Authenticator;
  readonly secret: Uint8Array;
}

const REFRESH_COOKIE = 'signalbox_refresh';
const REFRESH_PATH = '/api/v1/auth';

const roleSchema = z.enum(ROLES);
const sessionsSchema = z.array(z.string()).nullable().meta({ description: 'sessions that may be seen; null for all' });
const time = z.iso.datetime();
const meSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['user', 'token']),
    role: roleSchema,
    permissions: z.array(z.enum(PERMISSIONS)),
    sessions: sessionsSchema,
    preferences: z.record(z.string(), z.unknown()),
    csrf: z.string().nullable().meta({ description: 'for the header x-csrf-token; null for a token' }),
  })
  .meta({ id: 'Me' });
const userSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    role: roleSchema,
    sessions: sessionsSchema,
    preferences: z.record(z.string(), z.unknown()),
    createdAt: time,
    disabledAt: time.nullable(),
    hasPassword: z.boolean(),
  })
  .meta({ id: 'User' });
const tokenSchema = z
  .object({
    id: z.int(),
    name: z.string(),
    role: roleSchema,
    sessions: sessionsSchema,
    madeBy: z.string(),
    madeAt: time,
    expiresAt: time,
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiToken' });
const linkSchema = z.object({ user: userSchema, link: z.string().meta({ description: 'shown once' }) });
const nameParams = z.strictObject({ name: z.string().min(1).max(100) });

/** Routes of sign-ins, of whoever is signed in, and of users and tokens. */
export function authRoutes(parts: AuthParts): Route[] {
  return [...signInRoutes(parts), ...selfRoutes(parts), ...userRoutes(parts), ...tokenRoutes(parts)];
}

function signInRoutes({ signIns }: AuthParts): Route[] {
  const password = z.string().min(1).max(256);
  return [
    route({
      method: 'POST',
      path: '/api/v1/auth/sign-in',
      permission: 'open',
      summary: 'Sign in by name and password; cookies hold what follows',
      tag: 'users',
      body: z.strictObject({ name: z.string().min(1).max(100), password }),
      answers: { 200: meSchema },
      handle: async ({ body, address }) => admitted(await signIns.byPassword(body.name, body.password, address)),
    }),
    route({
      method: 'POST',
      path: '/api/v1/auth/link',
      permission: 'open',
      summary: 'Choose a password by a one-time link, and sign in',
      tag: 'users',
      body: z.strictObject({ link: z.string().min(1).max(100), password }),
      answers: { 200: meSchema },
      handle: async ({ body, address }) => admitted(await signIns.byLink(body.link, body.password, address)),
    }),
    route({
      method: 'POST',
      path: '/api/v1/auth/refresh',
      permission: 'open',
      summary: 'Go on being signed in: new cookies for the refresh cookie, once',
      tag: 'users',
      answers: { 200: meSchema },
      handle: async ({ cookies, address }) => {
        const refresh = cookies[REFRESH_COOKIE];
        return admitted(refresh === undefined ? 'refused' : await signIns.byRefresh(refresh, address));
      },
    }),
  ];
}

/** Cookies and an answer for whoever was let in. @throws HttpProblem for whoever was not */
function admitted(admission: Admission | NoAdmission): RouteAnswer {
  if (admission === 'too-many') {
    throw new HttpProblem(429, 'too-many-tries', 'Too many tries in vain.', {
      headers: { 'retry-after': '900' },
      remedy: 'Wait a quarter of an hour, or ask an administrator for a link.',
    });
  }
  if (admission === 'refused') throw new HttpProblem(401, 'not-let-in', 'That does not let anybody in.');
  const { user, token, refresh, csrf } = admission;
  const { name, role, sessions, preferences } = user;
  const me = { name, kind: 'user', role, permissions: permissionsOf(role), sessions, preferences, csrf };
  return new RouteAnswer(200, me, { cookies: cookiesOf(token, refresh, csrf) });
}

function cookiesOf(token: string, refresh: string, csrf: string): SetCookie[] {
  return [
    { name: 'signalbox_token', value: token, path: '/', httpOnly: true, seconds: SHORT_TOKEN_SECONDS },
    { name: REFRESH_COOKIE, value: refresh, path: REFRESH_PATH, httpOnly: true, seconds: REFRESH_SECONDS },
    { name: 'signalbox_csrf', value: csrf, path: '/', httpOnly: false, seconds: REFRESH_SECONDS },
  ];
}

function selfRoutes({ signIns, authenticator, secret }: AuthParts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/me',
      permission: 'self',
      summary: 'Who asks, and what they may',
      tag: 'users',
      answers: { 200: meSchema },
      handle: async ({ identity, context }) => {
        const { kind, name, role, sessions, id, signIn } = identity!;
        const user = kind === 'user' ? await findUser((await context.database()).pool, { id }) : undefined;
        const csrf = signIn === null ? null : csrfOf(secret, signIn);
        const preferences = user?.preferences ?? {};
        return { name, kind, role, permissions: permissionsOf(role), sessions, preferences, csrf };
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/me/preferences',
      permission: 'self',
      summary: 'Keep what a user likes: time zone, locale, theme, risk profile',
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

/** @throws InputError for a program's token */
function requireUser(identity: Identity): { readonly id: number; readonly signIn: number; readonly name: string } {
  const { id, signIn, name } = identity;
  if (signIn === null) throw new InputError('A token is no user.', 'Sign in.');
  return { id, signIn, name };
}

function userRoutes({ authenticator }: AuthParts): Route[] {
  const common = { permission: 'users:manage', tag: 'users' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/api/v1/users',
      summary: 'All users',
      answers: { 200: z.object({ users: z.array(userSchema) }) },
      handle: async ({ context }) => ({ users: await listUsers((await context.database()).pool) }),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api/v1/users',
      summary: 'Add a user, who chooses a password by the one-time link in the answer',
      body: z.strictObject({ name: z.string(), role: roleSchema, sessions: sessionsSchema.optional() }),
      answers: { 201: linkSchema },
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
      handle: async (request) => new RouteAnswer(201, await renewLink(await doingOf(request), request.params.name)),
    }),
  ];
}

function tokenRoutes({ authenticator }: AuthParts): Route[] {
  const common = { permission: 'users:manage', tag: 'users' } as const;
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
      body: z.strictObject({
        name: z.string(),
        role: roleSchema,
        sessions: sessionsSchema.optional(),
        days: z.number().positive().default(90),
      }),
      answers: { 201: z.object({ value: z.string(), token: tokenSchema }) },
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

async function doingOf({ context, identity }: Pick<RouteRequest, 'context' | 'identity'>) {
  return { database: await context.database(), clock: context.clock, actor: actorOf(identity!) };
}
