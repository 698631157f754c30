import { z } from 'zod';
import { appendAudit } from '../../audit/audit-store.ts';
import { HttpProblem } from '../../http/problem.ts';
import { route, RouteAnswer, type Route, type SetCookie } from '../../http/route.ts';
import { BEGUN_SECONDS } from '../provider/identity-provider.ts';
import type { AuthParts } from './auth-parts.ts';
import { admitted } from './sign-in-routes.ts';

const PATH = '/api/v1/auth/provider';
const COOKIE = 'signalbox_provider';
/** As RFC 6749 has them. All of them fit into the head of a request, however they are quoted. */
const word = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\x20-\x7e]*$/, 'has other characters than ASCII')
    .optional();
/** What providers send back: that or why not, and whatever else they like. */
const answeredSchema = z
  .object({ code: word(3_000), state: word(400), iss: word(400), error: word(400) })
  .catchall(z.string().max(4_000));
const open = { method: 'GET', permission: 'open', tag: 'users' } as const;

/** The way to the identity provider and back: browsers come by them, programs do not. */
export function providerRoutes({ signIns, provider }: AuthParts): Route[] {
  return [
    route({
      ...open,
      path: PATH,
      summary: 'Go to the identity provider to sign in',
      answers: { 303: z.null() },
      handle: async () => {
        if (provider === null) throw noProvider();
        const begun = await provider.begin();
        return begun === 'away' ? toPage('/sign-in#away') : toPage(begun.address, [kept(begun.kept)]);
      },
    }),
    route({
      ...open,
      path: `${PATH}/callback`,
      summary: 'Come back from the identity provider: cookies hold what follows, or the page says why not',
      query: answeredSchema,
      answers: { 303: z.null() },
      handle: async ({ query, cookies, address, context }) => {
        if (provider === null) throw noProvider();
        const found = await provider.finish(query as Readonly<Record<string, string>>, cookies[COOKIE] ?? '');
        if ('is' in found) {
          const { is, why, subject = null } = found;
          const note = { action: 'provider-refused', sessionId: null, reason: '', details: { why, subject, address } };
          await appendAudit((await context.database()).pool, [
            { ...note, actor: { kind: 'operator', name: 'nobody' } },
          ]);
          return toPage(`/sign-in#${is}`, [kept('')]);
        }
        const entered = await signIns.byProvider(found, address);
        if (typeof entered === 'object' && 'ticket' in entered) {
          return toPage(`/sign-in#ticket=${entered.ticket}`, [kept('')]);
        }
        return toPage('/', [...admitted(entered).cookies, kept('')]);
      },
    }),
  ];
}

/** Another site leads back here: a strict cookie would not come along. */
function kept(value: string): SetCookie {
  return { name: COOKIE, value, path: PATH, httpOnly: true, seconds: BEGUN_SECONDS, sameSite: 'lax' };
}

function toPage(location: string, cookies: readonly SetCookie[] = []): RouteAnswer {
  return new RouteAnswer(303, undefined, { headers: { location }, cookies });
}

function noProvider(): HttpProblem {
  return new HttpProblem(404, 'no-provider', 'No identity provider is configured here.', {
    remedy: 'Set SIGNALBOX_OIDC_ISSUER and what belongs to it.',
  });
}
