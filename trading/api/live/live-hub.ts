import type { CommandContext } from '../../../infra/command.ts';
import type { Logger } from '../../../infra/logging/log.ts';
import type { Change } from '../../../infra/postgres/change-feed.ts';
import type { Channel } from './channels.ts';
import { LiveView } from './live-view.ts';

/** A channel is read this often at most, however much of it changes. */
const READ_MS = 50;

/** Whether a process runs a session is a lock of that process: no notice tells when it is gone. */
const LOCKS_MS = 2_000;
const LOCKS: Change = { channel: 'sessions', session: null };

/** Hears that a channel has changed. */
export type Listener = () => void;

interface Open {
  readonly channel: Channel;
  readonly view: LiveView;
  readonly listeners: Set<Listener>;
  /** The first look; rejects where there is no such thing to look at. */
  first: Promise<void>;
  reading: boolean;
  /** It has changed since the look that is under way began. */
  stale: boolean;
  readMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** What somebody listens to is read once for all of them, when it has changed. */
export class LiveHub {
  readonly #context: CommandContext;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #open = new Map<string, Open>();
  readonly #locks: NodeJS.Timeout;

  constructor(context: CommandContext, log: Pick<Logger, 'warn'>) {
    this.#context = context;
    this.#log = log;
    this.#locks = setInterval(() => this.hear(LOCKS), LOCKS_MS).unref();
  }

  /** Listens to a channel from its first look on. @throws InputError where there is nothing to look at */
  async listen(channel: Channel, listener: Listener): Promise<LiveView> {
    let open = this.#open.get(channel.name);
    if (open === undefined) {
      const view = new LiveView();
      open = {
        channel,
        view,
        listeners: new Set(),
        first: Promise.resolve(),
        reading: true,
        stale: false,
        readMs: 0,
        timer: undefined,
      };
      this.#open.set(channel.name, open);
      open.first = this.#look(open);
    }
    open.listeners.add(listener);
    try {
      await open.first;
    } catch (error) {
      this.leave(channel, listener);
      throw error;
    }
    return open.view;
  }

  leave(channel: Channel, listener: Listener): void {
    const open = this.#open.get(channel.name);
    if (open === undefined) return;
    open.listeners.delete(listener);
    if (open.listeners.size > 0) return;
    clearTimeout(open.timer);
    this.#open.delete(channel.name);
  }

  /** Something has changed somewhere. */
  hear(change: Change): void {
    for (const open of this.#open.values()) if (open.channel.isChangedBy(change)) this.#due(open);
  }

  close(): void {
    clearInterval(this.#locks);
    for (const { timer } of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
  }

  #due(open: Open): void {
    open.stale = true;
    if (open.reading || open.timer !== undefined) return;
    const waitMs = Math.max(0, open.readMs + READ_MS - this.#context.clock());
    open.timer = setTimeout(() => {
      open.timer = undefined;
      open.reading = true;
      this.#look(open).catch((error: unknown) => {
        // The change feed says when the database is back: everything is read again then.
        this.#log.warn({ err: error, channel: open.channel.name }, 'a channel could not be read');
      });
    }, waitMs);
  }

  async #look(open: Open): Promise<void> {
    open.stale = false;
    open.readMs = this.#context.clock();
    try {
      if (open.view.take(await open.channel.read(this.#context))) for (const listener of open.listeners) listener();
    } finally {
      open.reading = false;
      if (open.stale && this.#open.get(open.channel.name) === open) this.#due(open);
    }
  }
}
