import type { WebSocket } from '@fastify/websocket';
import { z } from 'zod';
import { mayDo, type Identity } from '../../../infra/auth/identity.ts';
import type { Clock } from '../../../infra/clock.ts';
import { maskJson } from '../../../infra/logging/mask-secrets.ts';
import { CHANNELS, channelNamed, mayListen, type Channel } from './channels.ts';
import { isAlert } from './live-events.ts';
import type { LiveHub, Listener } from './live-hub.ts';
import type { LiveView } from './live-view.ts';

/** Bytes that wait to be taken by a client from which on it is told no more until it has taken them. */
const WAITING_BYTES_MAX = 262_144;
const CHANNELS_MAX = 50;
const SLOW_LOOK_MS = 50;

export const intervalSchema = z.coerce.number().int().min(50).max(60_000);
const messageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('subscribe'), channel: z.string().max(320), intervalMs: intervalSchema.optional() }),
  z.strictObject({ type: z.literal('unsubscribe'), channel: z.string().max(320) }),
  z.strictObject({ type: z.literal('ping') }),
]);

/** A channel that a client listens to. */
interface Subscription {
  readonly channel: Channel;
  readonly intervalMs: number;
  readonly listener: Listener;
  view: LiveView | null;
  /** The last change that the client was told of. */
  told: number;
  toldMs: number;
  timer: NodeJS.Timeout | undefined;
}

export interface LiveClientOptions {
  readonly socket: WebSocket;
  readonly hub: LiveHub;
  readonly clock: Clock;
  readonly intervalMs: number;
}

/** One socket: what it listens to, and how fast it takes it. */
export class LiveClient {
  readonly #options: LiveClientOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  identity: Identity;
  #isOver = false;

  constructor(identity: Identity, options: LiveClientOptions) {
    this.identity = identity;
    this.#options = options;
  }

  /** A message of the client. */
  async take(text: string): Promise<void> {
    let said: unknown;
    try {
      said = JSON.parse(text);
    } catch {
      return this.#refuse('', 'bad-message', 'A message is JSON.');
    }
    const message = messageSchema.safeParse(said);
    if (!message.success) {
      const { path, message: words } = message.error.issues[0]!;
      return this.#refuse('', 'bad-message', `${path.join('.')}: ${words}`);
    }
    if (message.data.type === 'ping') return this.heartbeat();
    const { channel } = message.data;
    if (message.data.type === 'unsubscribe') return this.#leave(channel);
    await this.subscribe(channel, message.data.intervalMs);
  }

  async subscribe(name: string, intervalMs = this.#options.intervalMs): Promise<void> {
    const channel = channelNamed(name);
    if (channel === undefined) return this.#refuse(name, 'no-such-channel', `There are ${CHANNELS.join(', ')}.`);
    // That a session is there is not told to whoever may not see it.
    if (!mayListen(this.identity, channel)) return this.#refuse(name, 'not-allowed', 'You may not listen to it.');
    this.#leave(name);
    if (this.#subscriptions.size >= CHANNELS_MAX) {
      return this.#refuse(name, 'too-many-channels', `${CHANNELS_MAX} at most.`);
    }
    const one: Subscription = {
      channel,
      intervalMs,
      listener: () => this.#due(one),
      view: null,
      told: -1,
      toldMs: -Infinity,
      timer: undefined,
    };
    this.#subscriptions.set(name, one);
    try {
      one.view = await this.#options.hub.listen(channel, one.listener);
    } catch (error) {
      this.#subscriptions.delete(name);
      return this.#refuse(name, 'not-found', (error as Error).message);
    }
    if (this.#subscriptions.get(name) !== one || this.#isOver) return this.#options.hub.leave(channel, one.listener);
    if (!channel.tellsEvents) return this.#tell(one);
    // What happened before is in the lists: it begins with nothing.
    one.told = one.view.sequence;
    this.#send('snapshot', name, { sequence: one.told, text: '[]' });
  }

  heartbeat(): void {
    this.#send('heartbeat', '', { sequence: 0, text: 'null' });
  }

  /** Tells of what has happened besides. */
  event(channel: string, data: unknown): void {
    this.#send('event', channel, { sequence: 0, text: JSON.stringify(data) });
  }

  end(): void {
    this.#isOver = true;
    for (const name of [...this.#subscriptions.keys()]) this.#leave(name);
  }

  #leave(name: string): void {
    const one = this.#subscriptions.get(name);
    if (one === undefined) return;
    clearTimeout(one.timer);
    this.#subscriptions.delete(name);
    if (one.view !== null) this.#options.hub.leave(one.channel, one.listener);
  }

  /** It has changed: the client is told when it may be, of all that has by then. */
  #due(one: Subscription): void {
    if (one.view === null || one.timer !== undefined) return;
    const waitMs = Math.max(0, one.toldMs + one.intervalMs - this.#options.clock());
    if (waitMs === 0) this.#tell(one);
    else this.#later(one, waitMs);
  }

  #later(one: Subscription, waitMs: number): void {
    one.timer = setTimeout(() => {
      one.timer = undefined;
      this.#tell(one);
    }, waitMs);
  }

  #tell(one: Subscription): void {
    const { socket, clock } = this.#options;
    const view = one.view!;
    if (view.sequence === one.told) return;
    // What it has not taken yet is enough.
    if (socket.bufferedAmount > WAITING_BYTES_MAX) return this.#later(one, Math.max(one.intervalMs, SLOW_LOOK_MS));
    if (one.channel.tellsEvents) {
      const mayAlerts = mayDo(this.identity, 'alerts:read');
      const news = view.news(one.told, String(mayAlerts), (id) => mayAlerts || !isAlert(id));
      if (!news.isEmpty) this.#send('event', one.channel.name, news);
      [one.told, one.toldMs] = [view.sequence, clock()];
      return;
    }
    const change = one.told < 0 ? null : view.since(one.told);
    this.#send(change === null ? 'snapshot' : 'update', one.channel.name, change ?? view.snapshot());
    one.told = view.sequence;
    one.toldMs = clock();
  }

  #refuse(channel: string, code: string, words: string): void {
    this.event(channel, { code, words });
  }

  #send(type: string, channel: string, { sequence, text }: { readonly sequence: number; readonly text: string }): void {
    const { socket, clock } = this.#options;
    if (socket.readyState !== socket.OPEN) return;
    const name = JSON.stringify(channel);
    const timeMs = Math.round(clock());
    socket.send(
      maskJson(`{"type":"${type}","channel":${name},"sequence":${sequence},"timeMs":${timeMs},"data":${text}}`),
    );
  }
}
