import websocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { clientOf, type Identity } from '../../../infra/auth/identity.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { HttpProblem, PROBLEMS } from '../../../infra/http/problem.ts';
import { RequestRates } from '../../../infra/http/request-rates.ts';
import type { Logger } from '../../../infra/logging/log.ts';
import { ChangeFeed } from '../../../infra/postgres/change-feed.ts';
import type { Gate } from '../gate.ts';
import { intervalSchema, LiveClient } from './live-client.ts';
import { LiveHub } from './live-hub.ts';

/** How often a client is told that all is well, and its token is looked at again. */
const HEARTBEAT_MS = 5_000;
const SOCKETS_MAX = 100;
const MESSAGE_BYTES_MAX = 16_384;
const INTERVAL_MS = 250;
/** Codes of closing: the token is not good any more; too many messages. */
const NOT_SIGNED_IN = 4401;
const TOO_MANY = 4429;

export const SOCKET_PATH = '/api/v1/ws';

export interface SocketOptions {
  readonly context: CommandContext;
  readonly gate: Gate;
  readonly log: Pick<Logger, 'warn'>;
}

const querySchema = z.strictObject({
  channels: z.string().max(8_000).optional().meta({ description: 'separated by commas: their snapshots come at once' }),
  interval: intervalSchema.default(INTERVAL_MS).meta({ description: 'milliseconds between two updates of a channel' }),
});

/** Updates as they happen: `/api/v1/ws`. Returns what ends it. */
export async function serveSocket(
  app: FastifyInstance,
  { context, gate, log }: SocketOptions,
): Promise<() => Promise<void>> {
  const hub = new LiveHub(context, log);
  const { url } = await context.database();
  const feed = new ChangeFeed(url, (change) => hub.hear(change));
  const sockets = new Map<string, number>();
  const rates = new RequestRates();
  await app.register(websocket, { options: { maxPayload: MESSAGE_BYTES_MAX } });
  // Nobody else ends the connection of one that was not let in.
  app.addHook('onResponse', ({ raw }, { statusCode }, done) => {
    done();
    if (raw.headers.upgrade !== undefined && statusCode >= 400) raw.socket.destroySoon();
  });
  const admit = async ({ identity }: FastifyRequest): Promise<void> => {
    if ((sockets.get(clientOf(identity!)) ?? 0) < SOCKETS_MAX) return;
    throw new HttpProblem(429, 'too-many-sockets', `${SOCKETS_MAX} sockets are open: close one.`);
  };
  app.route({
    method: 'GET',
    url: SOCKET_PATH,
    config: { permission: 'self' },
    schema: {
      querystring: querySchema,
      summary: 'Updates as they happen, by WebSocket: snapshot, update, event, heartbeat',
      tags: ['updates'],
      response: { 101: z.null().meta({ description: 'the socket is open' }), ...PROBLEMS },
    } as object,
    preHandler: admit,
    handler: () => {
      throw new HttpProblem(426, 'websocket', 'This is a WebSocket.', { headers: { upgrade: 'websocket' } });
    },
    wsHandler: (socket, request) => {
      const identity = request.identity!;
      const name = clientOf(identity);
      sockets.set(name, (sockets.get(name) ?? 0) + 1);
      const { channels, interval } = request.query as z.infer<typeof querySchema>;
      const client = new LiveClient(identity, { socket, hub, clock: context.clock, intervalMs: interval });
      const beating = beat(client, socket, () => gate.again(request));
      socket.on('message', (data) => {
        if (rates.take(name, context.clock()) > 0) return socket.close(TOO_MANY, 'too many messages');
        void client.take((data as Buffer).toString('utf8'));
      });
      // A connection that breaks closes, too.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        clearInterval(beating);
        client.end();
        const left = sockets.get(name)! - 1;
        if (left === 0) sockets.delete(name);
        else sockets.set(name, left);
      });
      for (const channel of channels?.split(',') ?? []) void client.subscribe(channel);
    },
  });
  return async () => {
    hub.close();
    await feed.close();
  };
}

/** Tells a client that all is well as long as its token is good. */
function beat(client: LiveClient, socket: WebSocket, again: () => Promise<Identity | null>): NodeJS.Timeout {
  const look = async (): Promise<void> => {
    const identity = await again();
    if (identity === null) return socket.close(NOT_SIGNED_IN, 'not signed in any more');
    client.identity = identity;
    client.heartbeat();
  };
  return setInterval(() => {
    // With the database away nothing is known of the token: the next look says.
    look().catch(() => undefined);
  }, HEARTBEAT_MS).unref();
}
