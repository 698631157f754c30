import type { Metrics } from '../../../infra/metrics/metrics.ts';
import type { HealthParts } from '../../../infra/metrics/health-parts.ts';
import type { MeasuredProcess } from '../../../infra/metrics/open-metrics.ts';
import type { VenueExchange } from '../../brokers/venue/request-tape.ts';
import { KILL_STATES } from '../../effect.ts';
import { heardAnew, type DurableJournal } from '../../journal/durable-journal.ts';
import type { HealthSigns } from '../health/session-health.ts';
import type { LatencyRows } from '../latency/order-latencies.ts';
import type { BookedAccount, SessionBooks } from '../monitor/session-books.ts';
import type { SessionStanding } from '../session-store.ts';
import { AccountMetrics } from './account-metrics.ts';
import { OrderCounts } from './order-counts.ts';
import { STAGES, StageTimes } from './stage-times.ts';

/** What a session is. Said by `session_info` alone: a process runs one, and its series have no label of it. */
export interface SessionFacts {
  readonly session: string;
  readonly kind: string;
  readonly experiment: string;
  readonly broker: string;
}

const BREAKERS = ['requests', 'stream', 'database'] as const;

/**
 * What a session tells of itself while it runs. All of it is heard at the asynchronous edges, beside the record: the
 * engine knows nothing of it, and where nothing is served none of this is made.
 */
export class SessionMetrics {
  readonly #metrics: Metrics;
  readonly #health: HealthParts;
  readonly #counts = new OrderCounts();
  readonly #times = new StageTimes();
  readonly #bars = new Map([['', 0]]);
  readonly #account: AccountMetrics;
  readonly #stages: ReturnType<Metrics['histogram']>;
  readonly #requests: ReturnType<Metrics['histogram']>;
  #standing: Pick<SessionStanding, 'killState' | 'lastCloseMs'> | null = null;
  #signs: HealthSigns | null = null;

  constructor({ metrics, health }: Pick<MeasuredProcess, 'metrics' | 'health'>, facts: SessionFacts) {
    this.#metrics = metrics;
    this.#health = health;
    this.#account = new AccountMetrics(metrics);
    const help = 'What the session is: always 1';
    metrics.gauge({ name: 'session_info', help, labels: Object.keys(facts) }).set({ ...facts }, 1);
    this.#stages = metrics.histogram({
      name: 'order_stage_seconds',
      help: 'How long orders took to a step, from the one before; bar-to-sent and bar-to-fill from the arrival of the bar',
      labels: ['stage'],
    });
    for (const stage of STAGES) this.#stages.zero({ stage });
    this.#requests = metrics.histogram({
      name: 'venue_request_seconds',
      help: 'How long the venue took to answer a request about an order, by how it answered',
      labels: ['answer'],
    });
    this.#tallies();
    this.#gauges();
  }

  #tallies(): void {
    const { signals, orders, fills, updates, refusals, mismatches, stops, notional, fees } = this.#counts;
    const tally = (name: string, help: string, counts: ReadonlyMap<string, number>, label?: string): void =>
      this.#metrics.tally({ name: `${name}_total`, help, labels: label === undefined ? [] : [label] }, counts);
    tally('bars', 'Bars that the session has taken', this.#bars);
    tally('signals', 'Signals by what they ask for', signals, 'action');
    tally('orders', 'Approved orders by their type', orders, 'type');
    tally(
      'fills',
      'Executions by the type of their order: the share of limit orders is the maker ratio',
      fills,
      'type',
    );
    tally('fill_notional', 'Units times price of all executions', notional);
    tally('fees', 'Fees of all executions', fees);
    tally('order_updates', 'What was told of orders, by state', updates, 'state');
    tally('refusals', 'Signals and orders, or parts of them, that were not let through, by code', refusals, 'code');
    tally('mismatches', 'Times that books and venue differed', mismatches);
    tally('emergency_stops', 'Times that trading was stopped', stops);
  }

  #gauges(): void {
    const { gauge } = bound(this.#metrics);
    gauge({ name: 'kill_state', help: '1 for the state of the kill switch', labels: ['state'] }, (own) => {
      const standing = this.#standing;
      for (const state of KILL_STATES) own.set({ state }, (standing?.killState ?? 'run') === state ? 1 : 0);
    });
    gauge({ name: 'last_close_timestamp_seconds', help: 'When the newest bar closed, by the market' }, (own) => {
      if (this.#standing !== null) own.set(this.#standing.lastCloseMs / 1_000);
    });
    gauge({ name: 'closes_overdue', help: 'Closes of the market that have not come' }, (own) =>
      own.set(this.#signs?.overdue ?? 0),
    );
    gauge({ name: 'breaker_open', help: '1 while a breaker lets nothing through', labels: ['breaker'] }, (own) => {
      for (const breaker of BREAKERS) own.set({ breaker }, this.#signs?.breakers[breaker] === 'open' ? 1 : 0);
    });
    gauge({ name: 'venue_connected', help: '1 while the venue tells, and agrees with the books' }, (own) => {
      const connected = this.#signs?.connected ?? null;
      if (connected !== null) own.set(connected ? 1 : 0);
    });
    gauge({ name: 'orders_working', help: 'Orders that work at the venue, or may' }, (own) =>
      own.set(this.#signs?.working ?? 0),
    );
  }

  /** The session's journal: what is new in it is counted. */
  heard(journal: DurableJournal): DurableJournal {
    return heardAnew(journal, (effect) => this.#counts.hear(effect));
  }

  onBars(bars: number): void {
    this.#bars.set('', bars);
  }

  onLatencies(rows: LatencyRows): void {
    for (const { stage, ms } of this.#times.fresh(rows)) this.#stages.observe({ stage }, ms / 1_000);
  }

  onAccount(account: BookedAccount): void {
    this.#account.look(account);
  }

  onBooks(books: SessionBooks): void {
    this.#account.tell(books);
  }

  onStanding(standing: Pick<SessionStanding, 'killState' | 'lastCloseMs'>): void {
    this.#standing = standing;
    this.#health.begin();
  }

  onRequest({ status, tookMs }: Pick<VenueExchange, 'status' | 'tookMs'>): void {
    const answer = status === null ? 'none' : status < 300 ? 'taken' : status < 500 ? 'refused' : 'failed';
    this.#requests.observe({ answer }, Math.max(0, tookMs) / 1_000);
  }

  /** What is seen around it, several times a second. */
  onSigns(signs: HealthSigns): void {
    if (this.#signs === null) this.#watchParts();
    this.#signs = signs;
  }

  #watchParts(): void {
    this.#health.add('feed', () => {
      const { overdue } = this.#signs!;
      return { ok: overdue === 0, detail: overdue === 0 ? 'closes come in time' : `${overdue} closes are overdue` };
    });
    this.#health.add('venue', () => {
      const { connected, breakers } = this.#signs!;
      if (breakers.requests === 'open') return { ok: false, detail: 'the breaker of its requests is open' };
      if (connected === null) return { ok: true, detail: 'it trades at none' };
      return { ok: connected, detail: connected ? 'it agrees with the books' : 'it is away, or does not agree yet' };
    });
  }
}

const bound = (metrics: Metrics): { gauge: Metrics['gauge'] } => ({ gauge: metrics.gauge.bind(metrics) });
