import type pg from 'pg';
import type { AlertSeverity } from '../../../infra/alerts/alert.ts';
import { raiseAlert, resolveAlert } from '../../../infra/alerts/alert-store.ts';
import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { steadyBeside, type Clock } from '../../../infra/clock.ts';
import { isOutage } from '../../../infra/postgres/database-error.ts';
import type { Effect, StateEffect } from '../../effect.ts';
import type { BreakerChange } from '../../execution/breakers/circuit-watch.ts';
import type { JournalEntry } from '../../journal/journal-record.ts';
import { noteAlertMark } from './alert-mark-store.ts';
import { alertWords, isStop, type AlertWord } from './effect-alerts.ts';
import { noteBreaker } from './breaker-store.ts';

type Work = (client: Pick<pg.ClientBase, 'query'>) => Promise<void>;

/** A session that starts has no stream yet: how long that takes before people are told, in ms. */
const CONNECTING_MS_MAX = 15_000;

export interface SessionAlertsOptions {
  readonly pool: Pick<pg.Pool, 'query'>;
  readonly sessionId: string;
  readonly symbols: readonly string[];
  /** It was stopped in an emergency before this process. */
  readonly isStopped: boolean;
  /** Names of the channels that are told of what is as severe as that. */
  readonly channels: (severity: AlertSeverity) => readonly string[];
  readonly clock: Clock;
  /** For people, at once, wherever the database is. */
  readonly note: (text: string) => void;
}

/**
 * The alerts of a session: what its engine did, and what is seen around it, in order, put into the outbox by `flush`.
 * While the database is away they wait.
 */
export class SessionAlerts {
  readonly #options: SessionAlertsOptions;
  readonly #due: Work[] = [];
  #isStopped: boolean;
  /** That the venue is away, which every start begins with, since when; `over` once that has passed or was told. */
  #connecting: { readonly word: AlertWord; readonly sinceMs: number } | null | 'over' = null;
  #flushing: Promise<void> | null = null;
  /** Records of the journal that were heard, and those of them whose alerts are stored. */
  #heard = 0;
  #marked = 0;

  constructor(options: SessionAlertsOptions) {
    this.#options = options;
    this.#isStopped = options.isStopped;
  }

  /** An effect of the session that is new, none of a replay, and its position in the journal. */
  hear(effect: Effect, record: number): void {
    this.#heard = record + 1;
    const wasStopped = this.#isStopped;
    for (const word of alertWords(effect, this.#options.symbols, wasStopped)) {
      if (!this.#isConnecting(effect, word)) this.say(word);
    }
    if (effect.kind !== 'state') return;
    this.#isStopped = isStop(effect);
    if (!wasStopped) this.#recordStop(effect);
  }

  /** What a process before this one recorded, from `first` on, and was killed before it told of. */
  hearMissed(entries: readonly JournalEntry[], first: number): void {
    let wasStopped = false;
    for (const entry of entries) {
      for (const word of alertWords(entry, this.#options.symbols, wasStopped)) this.say(word);
      if (entry.kind !== 'state') continue;
      if (!wasStopped) this.#recordStop(entry);
      wasStopped = isStop(entry);
    }
    this.#heard = Math.max(this.#heard, first + entries.length);
  }

  /** A stop that came by itself stands in the audit. */
  #recordStop({ cause, state, value, limit }: StateEffect): void {
    if (!isStop({ state }) || cause === 'command') return;
    const { sessionId } = this.#options;
    const note = {
      actor: SYSTEM,
      action: 'emergency-stop',
      sessionId,
      reason: cause,
      details: { state, value, limit },
    };
    this.#due.push((client) => appendAudit(client, [note]));
  }

  #isConnecting(effect: Effect, word: AlertWord): boolean {
    if (effect.kind !== 'state' || (effect.cause !== 'away' && effect.cause !== 'back')) return false;
    const isFirst = this.#connecting === null && effect.cause === 'away';
    this.#connecting = isFirst ? { word, sinceMs: steadyBeside(this.#options.clock)() } : 'over';
    return isFirst;
  }

  say(word: AlertWord): void {
    const { sessionId, channels, clock } = this.#options;
    const atMs = clock();
    if ('resolve' in word) {
      const key = `${sessionId}/${word.resolve}`;
      this.#due.push((client) => resolveAlert(client, key, { atMs, channels: channels('critical'), why: word.why }));
      return;
    }
    const { subject, ...alert } = word.raise;
    const key = `${sessionId}/${subject}`;
    this.#due.push((client) =>
      raiseAlert(client, { ...alert, key, sessionId }, { atMs, channels: channels(alert.severity) }),
    );
  }

  /** A breaker has changed: it is said, stored, and an alert while it is open. */
  onBreaker(change: BreakerChange): void {
    const { sessionId, clock, note } = this.#options;
    const { breaker, state, reason } = change;
    const at = new Date(clock());
    note(`breaker of ${breaker}: ${state}: ${reason}`);
    this.#due.push((client) => noteBreaker(client, sessionId, { ...change, at }));
    const subject = `breaker-open/${breaker}`;
    if (state === 'closed') this.say({ resolve: subject, why: reason });
    if (state !== 'open') return;
    const words = `the breaker of ${breaker} is open: ${reason}`;
    this.say({ raise: { subject, type: 'breaker-open', severity: 'critical', words, details: { breaker, reason } } });
  }

  /** Stores what is due, in order. Where the database is away it stays due. @throws any other failure */
  flush(): Promise<void> {
    return (this.#flushing ??= this.#flush().finally(() => (this.#flushing = null)));
  }

  async #flush(): Promise<void> {
    const connecting = this.#connecting;
    if (
      connecting !== null &&
      connecting !== 'over' &&
      steadyBeside(this.#options.clock)() - connecting.sinceMs >= CONNECTING_MS_MAX
    ) {
      this.#connecting = 'over';
      this.say(connecting.word);
    }
    for (let work = this.#due[0]; work !== undefined; work = this.#due[0]) {
      try {
        await work(this.#options.pool);
      } catch (error) {
        if (isOutage(error)) return;
        throw error;
      }
      this.#due.shift();
    }
    await this.#mark();
  }

  async #mark(): Promise<void> {
    const { pool, sessionId } = this.#options;
    const heard = this.#heard;
    // What was heard meanwhile is not stored yet.
    if (heard === this.#marked || this.#due.length > 0) return;
    try {
      await noteAlertMark(pool, sessionId, heard);
      this.#marked = heard;
    } catch (error) {
      if (!isOutage(error)) throw error;
    }
  }
}
