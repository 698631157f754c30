import type { AlertSeverity } from '../../../infra/alerts/alert.ts';
import { channelsFor, configuredChannels } from '../../../infra/alerts/configured-channels.ts';
import { configuredDelivery } from '../../../infra/alerts/configured-delivery.ts';
import { deliverAlerts, deliverDueAlerts, type DeliverOptions } from '../../../infra/alerts/deliver-alerts.ts';
import { steadyBeside } from '../../../infra/clock.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import {
  CircuitWatch,
  isKeptOff,
  type BreakerName,
  type BreakerOptions,
  type BreakerState,
} from '../../execution/breakers/circuit-watch.ts';
import { guardedBroker } from '../../execution/breakers/guarded-broker.ts';
import { OrderRequests } from '../../execution/breakers/order-requests.ts';
import { journalWith, type DurableJournal } from '../../journal/durable-journal.ts';
import { readEntriesFrom, storedRecords } from '../../journal/journal-store.ts';
import type { ConditionName } from '../../risk/degradation/condition-name.ts';
import { listSessions, type SessionStanding } from '../session-store.ts';
import type { VenueEdge } from '../venue/venue-edge.ts';
import { readAlertMark } from './alert-mark-store.ts';
import { OverdueCloses } from './overdue-closes.ts';
import { SessionAlerts } from './session-alerts.ts';
import { SIGN_PATIENCE, VenueSigns, type SignPatience } from './venue-signs.ts';

/** How patient the watch of a session is. */
export interface HealthPatience extends SignPatience {
  readonly requests: BreakerOptions;
  readonly stream: BreakerOptions;
  readonly database: BreakerOptions;
  /** Between two looks, and between two questions to the database, in ms. */
  readonly everyMs: number;
  readonly pingMs: number;
  /** A close may come as late as this before it counts as overdue. */
  readonly graceMs: number;
}

export const HEALTH_PATIENCE: HealthPatience = {
  ...SIGN_PATIENCE,
  requests: { failuresMax: 5, openMs: 5_000 },
  stream: { failuresMax: 3, openMs: 10_000 },
  database: { failuresMax: 2, openMs: 2_000 },
  everyMs: 250,
  pingMs: 2_000,
  graceMs: 30_000,
};

/** What the watch sees. */
export interface HealthSigns {
  /** Closes that have not come. */
  readonly overdue: number;
  readonly breakers: Readonly<Record<BreakerName, BreakerState>>;
  /** The venue tells, and agrees with the books; null where there is none. */
  readonly connected: boolean | null;
  /** Orders that work, or may. */
  readonly working: number;
}

export interface HealthOptions {
  readonly sessionId: string;
  readonly symbols: readonly string[];
  /** Positions are to have a resting exit. */
  readonly protects: boolean;
  /** See `LiveTail`. */
  readonly overdue?: ((closeTimeMs: number) => number) | undefined;
  readonly patience?: HealthPatience | undefined;
  /** Hears of what each look has seen. */
  readonly onSigns?: ((signs: HealthSigns) => void) | undefined;
  /** How messages are delivered; by default to the channels that are configured. */
  readonly delivery?: Partial<Pick<DeliverOptions, 'channels' | 'againMs' | 'everyMs'>> | undefined;
}

/** How long the end of a session waits for messages that no channel has taken. */
const END_MS_MAX = 2_000;

/**
 * Watches over a session that runs: breakers around its venue and its database, closes that are overdue, orders in
 * doubt, positions without a stop. What its engine has to know is recorded as a condition before it acts; what people
 * have to know becomes an alert.
 */
export class SessionHealth {
  readonly #context: CommandContext;
  readonly #options: HealthOptions;
  readonly #patience: HealthPatience;
  readonly #pool: DeliverOptions['pool'];
  readonly #alerts: SessionAlerts;
  readonly #requests: CircuitWatch;
  readonly #stream: CircuitWatch;
  readonly #database: CircuitWatch;
  readonly #seen = new OrderRequests();
  readonly #closes: OverdueCloses | null;
  readonly #stop = new AbortController();
  readonly #told = new Map<ConditionName, number>();
  #edge: VenueEdge | null = null;
  #signs: VenueSigns | null = null;
  #openSinceMs: number | null = null;
  #pingedMs = -Infinity;
  #running: Promise<void>;

  private constructor(
    context: CommandContext,
    { pool, isStopped }: { readonly pool: DeliverOptions['pool']; readonly isStopped: boolean },
    options: HealthOptions,
  ) {
    this.#context = context;
    this.#options = options;
    this.#pool = pool;
    const patience = (this.#patience = options.patience ?? HEALTH_PATIENCE);
    const { clock, progress } = context;
    const { sessionId, symbols, overdue } = options;
    const note = (text: string): void => progress.note(text);
    const channels = options.delivery?.channels ?? configuredChannels(context.config);
    const names = channels.map(({ name }) => name);
    const told = {
      ...{ pool, sessionId, symbols, isStopped, clock, note },
      channels: (severity: AlertSeverity) => channelsFor(names, severity, context.config.alerts),
    };
    const alerts = (this.#alerts = new SessionAlerts(told));
    const watch = (name: 'requests' | 'stream' | 'database'): CircuitWatch =>
      new CircuitWatch(name, patience[name], (change) => alerts.onBreaker(change));
    [this.#requests, this.#stream, this.#database] = [watch('requests'), watch('stream'), watch('database')];
    this.#closes = overdue === undefined ? null : new OverdueCloses(overdue, patience.graceMs);
    const delivery = { ...configuredDelivery(context, pool), channels, signal: this.#stop.signal, ...options.delivery };
    this.#running = Promise.all([this.#watch(), deliverAlerts(delivery)]).then(() => this.#deliverRest(delivery));
    // Whoever ends it hears of its failure.
    this.#running.catch(() => undefined);
  }

  /** Begins to watch over a session. `end` is to be called however it ends. */
  static async begin(context: CommandContext, options: HealthOptions): Promise<SessionHealth> {
    const { pool } = await context.database();
    const [session] = await listSessions(pool, { ids: [options.sessionId] });
    const isStopped = session?.killState?.startsWith('stop') === true;
    const health = new SessionHealth(context, { pool, isStopped }, options);
    try {
      const mark = await readAlertMark(pool, options.sessionId, await storedRecords(pool, options.sessionId));
      health.#alerts.hearMissed(await readEntriesFrom(pool, options.sessionId, mark), mark);
      return health;
    } catch (error) {
      await health.end();
      throw error;
    }
  }

  /** The session's venue, behind its breakers. */
  guard(broker: VenueBroker): VenueBroker {
    const { clock } = this.#context;
    const about = { requests: this.#requests, stream: this.#stream, seen: this.#seen };
    return guardedBroker(broker, { ...about, clock: steadyBeside(clock) });
  }

  /** The session's side of its venue is there. */
  meet(edge: VenueEdge): void {
    const { symbols, protects } = this.#options;
    this.#edge = edge;
    const say: SessionAlerts['say'] = (word) => this.#alerts.say(word);
    this.#signs = new VenueSigns({ edge, symbols, protects, say, patience: this.#patience });
  }

  /** The session's journal: what is new in it is heard. */
  heard(journal: DurableJournal): DurableJournal {
    return journalWith(journal, {
      append: (effect) => {
        const record = journal.appended;
        const isNew = record >= journal.stored;
        journal.append(effect);
        if (isNew && (this.#edge === null || this.#edge.isLive)) this.#alerts.hear(effect, record);
      },
    });
  }

  /** Where the session stands after a close. */
  onStanding({ lastCloseMs }: Pick<SessionStanding, 'lastCloseMs'>): void {
    this.#closes?.came(lastCloseMs, this.#context.clock());
  }

  /** Stops watching; what is due is stored, and tried once more. */
  async end(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #deliverRest(delivery: DeliverOptions): Promise<void> {
    await this.#alerts.flush();
    const signal = AbortSignal.timeout(END_MS_MAX);
    await Promise.race([deliverDueAlerts({ ...delivery, signal }).catch(() => undefined), systemSleep(END_MS_MAX)]);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const steadyMs = steadyBeside(this.#context.clock)();
      this.#look(steadyMs);
      await this.#ping(steadyMs);
      if (this.#database.state === 'closed') await this.#alerts.flush();
      await systemSleep(this.#patience.everyMs, signal).catch(() => undefined);
    }
  }

  /** @param steadyMs now, by a clock that goes on where ours is put */
  #look(steadyMs: number): void {
    this.#signs?.look(steadyMs);
    const overdue = this.#closes?.count(this.#context.clock()) ?? 0;
    this.#options.onSigns?.(this.#signsOf(overdue));
    if (this.#edge === null) return this.#sayOverdue(overdue);
    if (!this.#edge.isLive) return;
    this.#tell('data-late', overdue);
    this.#tell('orders-failing', this.#seen.failing);
    this.#tell('latency', Math.round(this.#seen.latencyMs ?? 0));
    this.#openSinceMs = this.#requests.state === 'closed' ? null : (this.#openSinceMs ?? steadyMs);
    const seconds = this.#openSinceMs === null ? 0 : 1 + Math.floor((steadyMs - this.#openSinceMs) / 1_000);
    this.#tell('venue-breaker', seconds);
  }

  #signsOf(overdue: number): HealthSigns {
    const breakers = {
      requests: this.#requests.state,
      stream: this.#stream.state,
      database: this.#database.state,
    };
    const edge = this.#edge;
    return { overdue, breakers, connected: edge?.ready ?? null, working: edge?.working.length ?? 0 };
  }

  /** A condition is recorded with each change of the session: only where it may have come to another step. */
  #tell(name: ConditionName, value: number): void {
    const before = this.#told.get(name) ?? 0;
    if (value === before || !isWorthTelling(name, before, value)) return;
    this.#told.set(name, value);
    this.#edge!.tell(name, value);
  }

  /** Where no venue is, nothing is recorded of it: no order leaves. */
  #sayOverdue(overdue: number): void {
    const before = this.#told.get('data-late') ?? 0;
    this.#told.set('data-late', overdue);
    if (before === 0 && overdue > 0) {
      const words = `no close has come: ${overdue} overdue`;
      const details = { overdue };
      this.#alerts.say({ raise: { subject: 'feed-silent', type: 'feed-silent', severity: 'warning', words, details } });
    } else if (before > 0 && overdue === 0) this.#alerts.say({ resolve: 'feed-silent', why: 'a close came on time' });
  }

  async #ping(steadyMs: number): Promise<void> {
    if (steadyMs - this.#pingedMs < this.#patience.pingMs) return;
    this.#pingedMs = steadyMs;
    try {
      await this.#database.through(() => this.#pool.query('SELECT 1'));
    } catch (error) {
      // The breaker has counted it, and tells when it opens.
      if (!isKeptOff(error)) this.#context.progress.note(`the database did not answer: ${(error as Error).message}`);
    }
  }
}

/** Latency moves all the time, and a breaker that is open gets older: only what can make a difference is recorded. */
function isWorthTelling(name: ConditionName, before: number, value: number): boolean {
  if (name === 'venue-breaker') return before === 0 || value === 0 || value >= before * 1.2;
  if (name === 'latency') return Math.abs(value - before) >= Math.max(3, before * 0.05);
  return true;
}
