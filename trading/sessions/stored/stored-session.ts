import type pg from 'pg';
import { preciseClock, systemClock } from '../../../infra/clock.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import type { Tracing } from '../../../infra/tracing/span.ts';
import { progressTo, type Stage } from '../../../infra/terminal/progress.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import { utcDayOfClose } from '../../../pipelines/calendars/day.ts';
import type { DurableJournal } from '../../journal/durable-journal.ts';
import type { PostgresJournal } from '../../journal/postgres-journal.ts';
import type { SessionResult } from '../../session-result.ts';
import { writeSignalOutcomes } from '../../signals/outcomes/signal-outcome-store.ts';
import { SignalOutcomes } from '../../signals/outcomes/signal-outcomes.ts';
import { PLAIN_MARKS } from '../../signals/signal-marks.ts';
import { heardBy, watchedEdge } from '../health/watched-edge.ts';
import { writeLatencies } from '../latency/latency-store.ts';
import { heardFills, OrderLatencies } from '../latency/order-latencies.ts';
import { liveBars, type LiveBarsOptions } from '../live-bars.ts';
import type { VenueExchange } from '../../brokers/venue/request-tape.ts';
import type { SessionMetrics } from '../measured/session-metrics.ts';
import { noteBooks, noteVenueWord } from '../monitor/account-store.ts';
import { BooksTeller } from '../monitor/books-teller.ts';
import { watchVenueAccount } from '../monitor/venue-account-watch.ts';
import { DailyParity } from '../parity/daily-parity.ts';
import type { KeptRecord } from '../record/keep-record.ts';
import { SessionObserver } from '../observed/session-observer.ts';
import { SessionQuestions } from '../questions/session-questions.ts';
import { SessionCommands } from '../record/session-commands.ts';
import { tailBeside } from '../record/tail-beside.ts';
import type { Replay } from '../replay.ts';
import { replayFeed, type ClosedBars } from '../replayed-feed.ts';
import { RequestRecorder } from '../requests/request-recorder.ts';
import { writeRequests } from '../requests/request-store.ts';
import type { SessionBars } from '../session-bar-store.ts';
import type { TakenMark } from '../record/taken-command.ts';
import { noteLimits, noteStanding } from '../session-store.ts';
import type { PaperSessionOptions } from '../live/paper-session-options.ts';
import { runPaperSession } from '../streaming-session.ts';
import type { VenuePlan } from '../venue/venue-plan.ts';

/** What the run of a stored session is given. */
export interface StoredRun {
  readonly speed: number;
  readonly store: SessionBars;
  readonly journal: PostgresJournal;
  /** Null for a session that has ended: nothing of it is written. */
  readonly kept: KeptRecord | null;
  /** With the backtest of its bars, up to a close; says what was found. */
  readonly compare: (untilMs: number) => Promise<string>;
  readonly onStep: () => void;
  /** What it tells of itself; null where nobody asks. */
  readonly metrics: SessionMetrics | null;
  /** Null while nothing is traced. */
  readonly tracing: Tracing | null;
}

/** Runs a session whose record is in the database, or in the local log while that is away. */
export async function runStored(
  context: CommandContext,
  replay: Replay,
  { speed, store, journal, kept, compare, onStep, metrics, tracing }: StoredRun,
): Promise<SessionResult> {
  const { session } = replay;
  const { pool } = await context.database();
  const stage = stageOf(context, replay);
  const show = progressTo(stage);
  const ask = beside(kept);
  const observer = observerOf(context, replay, tracing);
  const latencies = latenciesOf(pool, session.id, { ask, metrics, observer });
  const requests = requestsOf(pool, replay, ask);
  const onRequest = kept === null ? undefined : requestHeard(requests, metrics);
  const onSigns = metrics?.onSigns.bind(metrics);
  const { venue, health } = await watchedEdge(context, replay, { latencies, kept, onRequest, onSigns });
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const books = new BooksTeller(booksNote(pool, session.id, { ask, metrics }), context.clock);
  const watching = watchAccount({ ...context, signal }, { id: session.id, venue: replay.venue ?? replay.beside, ask });
  const outcomes = outcomesOf(pool, replay, { journal, ask });
  const daily = dailyOf(context, replay, compare);
  const limits = new ToldLimits((now) => ask(() => noteLimits(pool, session.id, now, 'changed').then(() => true)));
  const running = runPaperSession({
    ...replay.options,
    ...(venue === undefined ? {} : { venue, broker: venue.makeBroker }),
    keepEvery: replay.keepEvery,
    sessionId: session.id,
    feed: outcomes.followed(feedOf({ ...context, signal }, replay, { speed, store, kept, journal, observer })),
    journal: outcomes.heard(
      heardFills(heardBy(observedJournal(journal, observer, metrics), { venue, health }), latencies),
    ),
    latencies,
    commands: await commandsOf(context, session.id, { kept, ask, onStep, observer }),
    onSteps: kept === null ? undefined : (steps) => kept.record.reach(steps),
    note: (text) => context.progress.note(text),
    dueSplits: dueSplitsOf(replay, ask),
    eventClock: replay.live === undefined ? undefined : context.clock,
    onLimits: (changed) => limits.change(changed),
    onStanding: async (standing) => {
      health?.onStanding(standing);
      metrics?.onStanding(standing);
      if (replay.live !== undefined) daily.onClose(standing.lastCloseMs);
      await limits.tell();
      await ask(() => noteStanding(pool, session.id, standing));
    },
    ...heardAccount(books, metrics),
    clock: context.clock,
    signal: context.signal,
    onStep: (bars) => {
      onStep();
      metrics?.onBars(bars);
      show(bars);
    },
  });
  // A feed that waits for its source ends with the session, however that ends.
  const result = await running.finally(() => {
    stop.abort();
    observer.end();
    return health?.end();
  });
  for (const told of [outcomes, books, requests]) await told.flush();
  await replay.shadows?.flush();
  await watching;
  await daily.end();
  stage.done(`${result.fills} fills`);
  return result;
}

/** What is told beside the record, and measured where somebody asks. */
interface Told extends Pick<StoredRun, 'metrics'> {
  readonly ask: Beside;
}

/** What of it can be counted: a live session has no end. */
function stageOf({ progress }: CommandContext, { session, bars, live }: Replay): Stage {
  const total = bars.reduce((sum, { length }) => sum + length, 0);
  return progress.stage(`${session.kind} session ${session.id}`, live === undefined ? total : undefined);
}

/** What is written to logs and traces of it. */
function observerOf({ config }: CommandContext, { session, live }: Replay, tracing: Tracing | null): SessionObserver {
  const { id, symbols } = session;
  return new SessionObserver({ config, tracing, session: id, symbols, isLive: live !== undefined });
}

function observedJournal(
  journal: DurableJournal,
  observer: SessionObserver,
  metrics: SessionMetrics | null,
): DurableJournal {
  return observer.heard(metrics?.heard(journal) ?? journal);
}

/** When orders took their steps. */
function latenciesOf(
  pool: pg.Pool,
  id: string,
  { ask, metrics, observer }: Told & { readonly observer: SessionObserver },
): OrderLatencies {
  return new OrderLatencies({
    clock: preciseClock,
    hear: observer.step,
    write: async (rows) => {
      metrics?.onLatencies(rows);
      await ask(() => writeLatencies(pool, id, rows));
    },
  });
}

/** Where the account is heard of: after every close, and whenever its standing is told. */
function heardAccount(
  books: BooksTeller,
  metrics: SessionMetrics | null,
): Required<Pick<PaperSessionOptions, 'onMark' | 'onBooks'>> {
  return {
    onMark: (portfolio, timeMs) => books.mark(portfolio, timeMs),
    onBooks: (account, timeMs) => {
      metrics?.onAccount(account);
      return books.tell(account, timeMs);
    },
  };
}

/** How the account stands. */
function booksNote(pool: pg.Pool, id: string, { ask, metrics }: Told): ConstructorParameters<typeof BooksTeller>[0] {
  return async (books, atMs, points) => {
    metrics?.onBooks(books);
    await ask(() => noteBooks(pool, id, { books, atMs, points }));
  };
}

/** Requests are recorded, and measured where somebody asks. */
function requestHeard(requests: RequestRecorder, metrics: SessionMetrics | null): (exchange: VenueExchange) => void {
  return (exchange) => {
    metrics?.onRequest(exchange);
    requests.add(exchange);
  };
}

/** What is sent to its venue about orders. */
function requestsOf(pool: pg.Pool, { session }: Replay, ask: Beside): RequestRecorder {
  return new RequestRecorder(
    async (sent) => (await ask(() => writeRequests(pool, session.id, sent).then(() => true))) === true,
  );
}

/** What became of its signals, written once what it rests on is on record. */
function outcomesOf(
  pool: pg.Pool,
  { session, options }: Replay,
  { journal, ask }: { readonly journal: PostgresJournal; readonly ask: Beside },
): SignalOutcomes {
  return new SignalOutcomes({
    symbols: session.symbols,
    actions: options.actions ?? [],
    marks: options.marks ?? PLAIN_MARKS,
    durable: () => journal.durable,
    write: async (known) => (await ask(() => writeSignalOutcomes(pool, session.id, known))) !== undefined,
  });
}

/** Sets it beside the backtest of its bars, day by day. */
function dailyOf({ progress }: CommandContext, { options }: Replay, compare: StoredRun['compare']): DailyParity {
  const note = (text: string): void => progress.note(text);
  return new DailyParity({ compare, dayOf: options.dayOf ?? utcDayOfClose, note, now: systemClock });
}

/** What operators command: none is taken while the database is away. */
async function commandsOf(
  { database, clock }: CommandContext,
  id: string,
  {
    kept,
    ask,
    onStep,
    observer,
  }: Pick<StoredRun, 'kept' | 'onStep'> & { readonly ask: Beside; readonly observer: SessionObserver },
): Promise<PaperSessionOptions['commands']> {
  const { pool } = await database();
  const commands = await SessionCommands.load(pool, id);
  const questions = new SessionQuestions(pool, id, clock);
  const mark = kept === null ? undefined : (marks: readonly TakenMark[]) => kept.record.addCommands(marks);
  return {
    begun: commands.begun,
    replayed: (step) => commands.replayed(step),
    take: async (step, timeMs) => {
      onStep();
      return observer.commands((await ask(() => commands.take(step, timeMs, mark))) ?? []);
    },
    answer: async (verdict) => void (await ask(() => questions.take(verdict))),
  };
}

/** Limits that hold, told beside the record: again until the database has them. */
class ToldLimits {
  readonly #note: (limits: RiskLimits) => Promise<true | undefined>;
  /** What holds now and could not be told yet. */
  #untold: RiskLimits | null = null;

  constructor(note: (limits: RiskLimits) => Promise<true | undefined>) {
    this.#note = note;
  }

  change(limits: RiskLimits): Promise<void> {
    this.#untold = limits;
    return this.tell();
  }

  async tell(): Promise<void> {
    const limits = this.#untold;
    if (limits === null) return;
    if ((await this.#note(limits)) === true && this.#untold === limits) this.#untold = null;
  }
}

/** Splits on record; none are known anew while the database is away. */
function dueSplitsOf({ live }: Replay, ask: Beside): PaperSessionOptions['dueSplits'] {
  const known = live?.dueSplits;
  if (known === undefined) return undefined;
  return async (nowMs) => (await ask(() => known(nowMs))) ?? [];
}

/** Records what the venue says of the account, until the session ends. */
async function watchAccount(
  { database, clock, progress, signal }: CommandContext,
  { id, venue, ask }: { readonly id: string; readonly venue: VenuePlan | undefined; readonly ask: Beside },
): Promise<void> {
  if (venue === undefined) return;
  const { broker } = venue;
  const { pool } = await database();
  await watchVenueAccount({
    broker,
    note: async (word, atMs) => void (await ask(() => noteVenueWord(pool, id, word, atMs))),
    say: (text) => progress.note(text),
    clock,
    sleep: systemSleep,
    signal,
  });
}

/** Bars of history at `speed`; with a live tail, as fast as they can, and then what comes. */
function feedOf(
  { progress, signal }: CommandContext,
  { bars, options: { instruments }, live }: Replay,
  {
    speed,
    store,
    kept,
    journal,
    observer,
  }: Pick<StoredRun, 'speed' | 'store' | 'kept' | 'journal'> & { readonly observer: SessionObserver },
): AsyncIterable<ClosedBars> {
  if (live === undefined) return observer.followed(replayFeed(bars, instruments, { speed, signal }));
  const onEvent: LiveBarsOptions['onEvent'] = (event) => {
    if (event.kind === 'status') progress.note(`${event.status}: ${event.symbol ?? 'feed'} ${event.message}`);
    if (event.kind === 'correction') {
      const time = new Date(event.bar.openTimeMs).toISOString();
      progress.note(`${event.reason}: ${event.symbol} ${time}; the session keeps what it was given`);
    }
  };
  const from = { instruments, warmUp: bars, signal, onEvent, records: () => journal.appended };
  if (kept === null) return observer.followed(liveBars({ ...from, tail: observer.tail(live), store }));
  const { record, presence } = kept;
  const recorded: LiveBarsOptions['store'] = {
    read: () => store.read(),
    write: (closed) => record.addClose(closed),
    refuse: (closeTimeMs, unfit) => record.refuse(closeTimeMs, unfit),
  };
  const tail = observer.tail(tailBeside(presence, live));
  return observer.followed(liveBars({ ...from, tail, store: recorded }));
}

/** Asks what is told beside the record; undefined while the database is away. */
type Beside = <T>(work: () => Promise<T>) => Promise<T | undefined>;

function beside(kept: KeptRecord | null): Beside {
  if (kept === null) return (work) => work();
  const { presence } = kept;
  return <T>(work: () => Promise<T>): Promise<T | undefined> => {
    presence.requireWhole();
    return presence.ask<T | undefined>(work, undefined);
  };
}
