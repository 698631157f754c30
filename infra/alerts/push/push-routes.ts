import { z } from 'zod';
import { requireUser, type Identity } from '../../auth/identity.ts';
import type { CommandContext } from '../../command.ts';
import { InputError } from '../../errors.ts';
import { HttpProblem } from '../../http/problem.ts';
import { route, RouteAnswer, type Route } from '../../http/route.ts';
import { tryChannel } from '../alert-actions.ts';
import { triedSchema } from '../tried-schema.ts';
import { PushChannel } from './push-channel.ts';
import { addPush, findPushes, listPushes, removePush, type PushSubscriptionRow } from './push-store.ts';

/** Browsers that a user may have told; more are a sign of something else. */
const BROWSERS_MAX = 20;

const time = z.iso.datetime();
const browserSchema = z.object({ id: z.int(), browser: z.string(), madeAt: time, endpoint: z.string() });
export const browsersSchema = z.object({ publicKey: z.string().nullable(), browsers: z.array(browserSchema) });
const params = z.object({ browser: z.string().regex(/^\d{1,15}$/, 'a whole number') });

/** The browsers of a user that are told by push. */
export function pushRoutes(): Route[] {
  const common = { permission: 'alerts:read', tag: 'alerts' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      path: '/api/v1/alerts/push',
      summary: 'The key that a browser subscribes with, and the browsers of whoever asks that are told',
      answers: { 200: browsersSchema },
      handle: async ({ context, identity }) => {
        const browsers = await listPushes((await context.database()).pool, userOf(identity!));
        return { publicKey: context.config.alerts.push?.publicKey ?? null, browsers: browsers.map(shownOf) };
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api/v1/alerts/push',
      summary: 'Tells a browser from now on, as its push service knows it',
      body: z.strictObject({
        endpoint: z.url().max(1_000),
        p256dh: z.string().regex(/^[\w-]{87}=?$/, 'a public key in base64url'),
        auth: z.string().regex(/^[\w-]{22}={0,2}$/, 'a secret in base64url'),
        browser: z.string().trim().min(1).max(200),
      }),
      answers: { 201: browserSchema },
      handle: async ({ context, identity, body }) => {
        const userId = userOf(identity!);
        requireService(body.endpoint, context);
        const { pool } = await context.database();
        const before = await listPushes(pool, userId);
        if (before.length >= BROWSERS_MAX && before.every(({ endpoint }) => endpoint !== body.endpoint))
          throw new InputError(`No more than ${BROWSERS_MAX} browsers of a user are told.`, 'Remove one of them.');
        return new RouteAnswer(201, shownOf(await addPush(pool, userId, { ...body, atMs: context.clock() })));
      },
    }),
    route({
      ...common,
      method: 'DELETE',
      path: '/api/v1/alerts/push/:browser',
      summary: 'Tells a browser no more',
      params,
      answers: { 204: z.null() },
      handle: async ({ context, identity, params: { browser } }) => {
        const { pool } = await context.database();
        if (!(await removePush(pool, Number(browser), userOf(identity!)))) throw noSuchBrowser(browser);
        return new RouteAnswer(204, undefined);
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/api/v1/alerts/push/:browser/test',
      summary: 'Sends a test to a browser of whoever asks',
      params,
      answers: { 200: triedSchema },
      handle: async ({ context, identity, params: { browser } }) => {
        const { pool } = await context.database();
        const [found] = await findPushes(pool, [Number(browser)]);
        if (found === undefined || found.userId !== userOf(identity!)) throw noSuchBrowser(browser);
        const keys = requireKeys(context);
        const onGone = async (): Promise<void> => {
          await removePush(pool, found.id, null);
          throw new Error('the push service does not know this browser any more: it is removed');
        };
        return tryChannel(new PushChannel({ id: found.id, address: found, keys, onGone }), context);
      },
    }),
  ];
}

const shownOf = ({ id, browser, madeAt, endpoint }: PushSubscriptionRow) => ({ id, browser, madeAt, endpoint });

const userOf = (identity: Identity): number => requireUser(identity, 'it has no browser').id;

const noSuchBrowser = (id: string): HttpProblem => new HttpProblem(404, 'no-such-browser', `No browser ${id} is told.`);

function requireKeys({ config }: Pick<CommandContext, 'config'>) {
  const { push } = config.alerts;
  if (push !== null) return push;
  throw new InputError('No keys of web push are set.', 'signalbox alerts push-keys FILE makes them.');
}

/** What a browser names is asked by this service: that is a push service, and nothing else. */
function requireService(endpoint: string, { config }: Pick<CommandContext, 'config'>): void {
  requireKeys({ config });
  const { protocol, host } = new URL(endpoint);
  const isKnown = config.alerts.pushServices.some((service) => {
    const wanted = new URL(service.replace('//*.', '//any.'));
    if (wanted.protocol !== protocol) return false;
    return service.includes('//*.') ? host.endsWith(wanted.host.slice('any'.length)) : host === wanted.host;
  });
  if (isKnown) return;
  throw new InputError(
    `${protocol}//${host} is no push service that is known here.`,
    'Name it in SIGNALBOX_ALERT_PUSH_SERVICES if it is one.',
  );
}
