import { z } from 'zod';
import { HttpProblem } from '../../http/problem.ts';
import { route, RouteAnswer, type Route, type SetCookie } from '../../http/route.ts';
import { allowedTo } from '../identity.ts';
import { SHORT_TOKEN_SECONDS } from '../short-token.ts';
import { REFRESH_SECONDS, type Entered } from '../sign-in.ts';
import { tooManyTries, type AuthParts } from './auth-parts.ts';
import { codeSchema, meSchema, ticketSchema, waysSchema } from './schemas.ts';

const REFRESH_COOKIE = 'signalbox_refresh';
const REFRESH_PATH = '/api/v1/auth';

/** Routes by which browsers are let in. */
export function signInRoutes({ signIns, provider }: AuthParts): Route[] {
  const password = z.string().min(1).max(256);
  return [
    route({
      method: 'POST',
      path: '/api/v1/auth/sign-in',
      permission: 'open',
      summary: 'Sign in by name and password; cookies hold what follows, or a ticket asks for a code first',
      tag: 'users',
      body: z.strictObject({ name: z.string().min(1).max(100), password }),
      answers: { 200: meSchema, 202: ticketSchema },
      handle: async ({ body, address }) => admitted(await signIns.byPassword(body.name, body.password, address)),
    }),
    route({
      method: 'POST',
      path: '/api/v1/auth/link',
      permission: 'open',
      summary: 'Choose a password by a one-time link, and sign in',
      tag: 'users',
      body: z.strictObject({ link: z.string().min(1).max(100), password }),
      answers: { 200: meSchema, 202: ticketSchema },
      handle: async ({ body, address }) => admitted(await signIns.byLink(body.link, body.password, address)),
    }),
    route({
      method: 'POST',
      path: '/api/v1/auth/second-step',
      permission: 'open',
      summary: 'Sign in by the ticket of a first step and a code; cookies hold what follows',
      tag: 'users',
      body: z.strictObject({ ticket: z.string().min(1).max(1_000), code: codeSchema }),
      answers: { 200: meSchema },
      handle: async ({ body, address }) => admitted(await signIns.byCode(body.ticket, body.code, address)),
    }),
    route({
      method: 'GET',
      path: '/api/v1/auth/ways',
      permission: 'open',
      summary: 'How one may sign in here',
      tag: 'users',
      answers: { 200: waysSchema },
      handle: () => Promise.resolve({ password: true, provider: provider?.label ?? null }),
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
export function admitted(admission: Entered): RouteAnswer {
  if (admission === 'too-many') throw tooManyTries();
  if (admission === 'refused') throw new HttpProblem(401, 'not-let-in', 'That does not let anybody in.');
  if ('ticket' in admission) return new RouteAnswer(202, { needs: 'code', ticket: admission.ticket });
  const { user, token, refresh, csrf, mustEnrol } = admission;
  const { name, role, sessions, preferences } = user;
  const permissions = allowedTo({ role, mustEnrol });
  const me = { name, kind: 'user', role, permissions, sessions, preferences, csrf, mustEnrol };
  return new RouteAnswer(200, me, { cookies: cookiesOf(token, refresh, csrf) });
}

/** Cookies of a sign-in; empty values remove them. */
export function cookiesOf(token: string, refresh: string, csrf: string): SetCookie[] {
  return [
    { name: 'signalbox_token', value: token, path: '/', httpOnly: true, seconds: SHORT_TOKEN_SECONDS },
    { name: REFRESH_COOKIE, value: refresh, path: REFRESH_PATH, httpOnly: true, seconds: REFRESH_SECONDS },
    { name: 'signalbox_csrf', value: csrf, path: '/', httpOnly: false, seconds: REFRESH_SECONDS },
  ];
}
