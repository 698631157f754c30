import type pg from 'pg';
import type { Clock } from '../clock.ts';
import { systemSleep, type Sleep } from '../sleep.ts';
import type { AlertChannel } from './alert.ts';
import { claimDeliveries, claimGroups, escalateAlerts, noteDelivered, noteFailed } from './alert-store.ts';
import { groupMessages, type OutgoingMessage } from './group-messages.ts';

export interface DeliverOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly channels: readonly AlertChannel[];
  readonly clock: Clock;
  readonly sleep?: Sleep;
  /** Aborted: ends once what is under way has been answered. */
  readonly signal: AbortSignal;
  /** Hears, in a line, that the outbox cannot be read, once an outage. */
  readonly note: (text: string) => void;
  /** For one answer, in ms. Default 5,000. */
  readonly deadlineMs?: number;
  /** Before a second try, doubled each time up to five minutes. Default 1,000. */
  readonly againMs?: number;
  /** Between two looks, in ms. Default 250. */
  readonly everyMs?: number;
  /** After so long a critical alert that nobody has acknowledged is told again. Absent: none is. */
  readonly escalateMs?: number;
  /** Those of a type that come within so long of one that was told go as one message. Absent: each by itself. */
  readonly groupMs?: number;
  /** Channels that come and go, such as browsers: those that a message waits for. */
  readonly passing?: () => Promise<readonly AlertChannel[]>;
}

const DEADLINE_MS = 5_000;
const AGAIN_MS = 1_000;
const AGAIN_MAX_MS = 300_000;
const EVERY_MS = 250;
/** What is late by minutes need not be looked for as often. */
const LOOKS_PER_ESCALATION = 20;
/** Messages under way to one channel: those that wait for their answer keep no other. */
const AT_ONCE = 8;
/** A process that dies with a message under way has it tried again by another after this. */
const CLAIM_MS = 30_000;

/**
 * Hands what waits in the outbox to its channels until `signal` is aborted: each channel by itself, messages of one key
 * in order, each until the channel has taken it. A message whose answer is lost is sent again under the same id.
 */
export async function deliverAlerts(options: DeliverOptions): Promise<void> {
  const deliveries = options.channels.map((channel) => new ChannelDelivery(channel, options).run());
  await Promise.all([...deliveries, deliverPassing(options), escalate(options)]);
}

/** Delivers to channels that come and go, which are looked for each time. */
async function deliverPassing({ passing, ...options }: DeliverOptions): Promise<void> {
  if (passing === undefined) return;
  const { signal, sleep = systemSleep, everyMs = EVERY_MS, note } = options;
  const known = new Map<string, ChannelDelivery>();
  let isAway = false;
  while (!signal.aborted) {
    try {
      for (const channel of await passing()) {
        const delivery = known.get(channel.name) ?? new ChannelDelivery(channel, options);
        known.set(channel.name, delivery);
        await delivery.begin();
      }
      isAway = false;
    } catch (error) {
      if (!isAway) note(`alerts of browsers wait for the database: ${(error as Error).message}`);
      isAway = true;
    }
    await pause(sleep, everyMs, signal);
  }
  await Promise.all([...known.values()].map((delivery) => delivery.settled()));
}

/** Looks now and then for what nobody has acknowledged, while there is a database to look at. */
async function escalate({ pool, channels, clock, signal, escalateMs, ...options }: DeliverOptions): Promise<void> {
  if (escalateMs === undefined) return;
  const { sleep = systemSleep, everyMs = EVERY_MS } = options;
  const names = channels.map(({ name }) => name);
  while (!signal.aborted) {
    // That the database is away is said by whoever delivers.
    await escalateAlerts(pool, { atMs: clock(), afterMs: escalateMs, channels: names }).catch(() => undefined);
    await pause(sleep, LOOKS_PER_ESCALATION * everyMs, signal);
  }
}

/** Hands on what is due by now, each message once, and ends. Where messages are grouped, none waits for others. */
export async function deliverDueAlerts(asked: DeliverOptions): Promise<void> {
  const options = asked.groupMs === undefined ? asked : { ...asked, groupMs: 0 };
  const channels = [...options.channels, ...((await options.passing?.()) ?? [])];
  await Promise.all(channels.map((channel) => new ChannelDelivery(channel, options).once()));
}

class ChannelDelivery {
  readonly #channel: AlertChannel;
  readonly #options: DeliverOptions;
  readonly #underWay = new Set<Promise<void>>();

  constructor(channel: AlertChannel, options: DeliverOptions) {
    this.#channel = channel;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { signal, sleep = systemSleep, everyMs = EVERY_MS, note } = this.#options;
    let isAway = false;
    while (!signal.aborted) {
      let begun = 0;
      try {
        begun = await this.begin();
        isAway = false;
      } catch (error) {
        if (!isAway) note(`alerts wait for the database: ${(error as Error).message}`);
        isAway = true;
      }
      if (begun === 0) await pause(sleep, everyMs, signal);
    }
    await this.settled();
  }

  /** Once what is under way has been answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async once(): Promise<void> {
    while ((await this.begin()) > 0 || this.#underWay.size > 0) await Promise.race(this.#underWay);
  }

  /** Begins to send what is due, as far as there is room. Returns how much that is. */
  async begin(): Promise<number> {
    const most = AT_ONCE - this.#underWay.size;
    if (most <= 0 || this.#options.signal.aborted) return 0;
    const claimed = await this.#claim(most);
    for (const one of claimed) {
      const sending: Promise<void> = this.#send(one).finally(() => this.#underWay.delete(sending));
      this.#underWay.add(sending);
    }
    return claimed.length;
  }

  async #claim(most: number): Promise<OutgoingMessage[]> {
    const { pool, clock, groupMs } = this.#options;
    const nowMs = clock();
    const asked = { channel: this.#channel.name, nowMs, untilMs: nowMs + CLAIM_MS };
    if (groupMs !== undefined) return groupMessages(await claimGroups(pool, { ...asked, groupMs }));
    const claimed = await claimDeliveries(pool, { ...asked, most });
    return claimed.map(({ id, ...one }) => ({ ...one, ids: [id] }));
  }

  async #send({ ids, message, attempts }: OutgoingMessage): Promise<void> {
    const { pool, clock, deadlineMs = DEADLINE_MS, againMs = AGAIN_MS, note } = this.#options;
    let answer: string | null = null;
    try {
      await this.#channel.send(message, AbortSignal.timeout(deadlineMs));
    } catch (error) {
      answer = (error as Error).message;
    }
    try {
      if (answer === null) return await noteDelivered(pool, ids, clock());
      const waitMs = Math.min(AGAIN_MAX_MS, againMs * 2 ** (attempts - 1));
      await noteFailed(pool, ids, { tryMs: clock() + waitMs, answer });
    } catch (error) {
      // It stays claimed for a while, and is then sent again under its id.
      note(`alert ${message.id}: what came of it cannot be stored: ${(error as Error).message}`);
    }
  }
}

/** A pause that ends early, and without an error, where the delivery does. */
async function pause(sleep: Sleep, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
