import type pg from 'pg';
import { preciseClock, systemClock } from '../../infra/clock.ts';
import { progressTo } from '../../infra/terminal/progress.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { liveBars, type LiveBarsOptions } from './live-bars.ts';
import { runPaperSession } from './streaming-session.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { deleteState } from '../journal/state-store.ts';
import { StateMisfit } from '../session-state.ts';
import { replayFeed, type ClosedBars } from './replayed-feed.ts';
import { DailyParity } from './parity/daily-parity.ts';
import { parityLine, paritySummary } from './parity/parity-command.ts';
import { writeSource } from './parity/parity-store.ts';
import { comparedAgain, parityAtEnd, type KnownSource } from './parity/parity-at-end.ts';
import { SessionBars } from './session-bar-store.ts';
import type { SessionResult } from '../session-result.ts';
import { relayOf } from '../signals/publishing/publish-signals.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import { SessionLife } from './supervisor/session-life.ts';
import { writeSignalOutcomes } from '../signals/outcomes/signal-outcome-store.ts';
import { SignalOutcomes } from '../signals/outcomes/signal-outcomes.ts';
import { PLAIN_MARKS } from '../signals/signal-marks.ts';
import type { PaperOptions, Replay } from './replay.ts';
import { SessionLease } from './session-lease.ts';
import {
  closeSession,
  deleteSession,
  noteLimits,
  noteStanding,
  openSession,
  SessionCommands,
  signalSource,
} from './session-store.ts';
import { writeLatencies } from './latency/latency-store.ts';
import { heardFills, OrderLatencies } from './latency/order-latencies.ts';
import { noteBooks, noteVenueWord } from './monitor/account-store.ts';
import { modeAsked } from './asked/session-mode.ts';
import { heedStops } from './supervisor/heed-stops.ts';
import { BooksTeller } from './monitor/books-teller.ts';
import { watchVenueAccount } from './monitor/venue-account-watch.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { heardBy, watchedEdge } from './health/watched-edge.ts';
import { brokerNamed, requireEmpty, type VenuePlan } from './venue/venue-plan.ts';
import { describe, requireRepeat, summaryOf } from './session-summary.ts';

/** How long the end of a session waits for a Redis that is not told of all its signals. */
const RELAY_MS_MAX = 2_000;

/** Where a session's bars come from: at a venue they come as they close. @throws InputError for what does not fit */
export function feedAsked({ feed, broker, mode }: Pick<PaperOptions, 'feed' | 'broker' | 'mode'>): 'replay' | 'live' {
  if (modeAsked({ mode, broker, feed }) !== null) return 'live';
  const isVenue = brokerNamed(broker) !== 'simulated';
  const kind = feed ?? (isVenue ? 'live' : 'replay');
  if (kind !== 'replay' && kind !== 'live') throw new InputError(`--feed ${kind} is neither replay nor live.`);
  if (kind === 'live' || !isVenue) return kind;
  throw new InputError(`--feed replay and --broker ${broker}: the past cannot be traded.`, 'Leave --feed out.');
}

/** Runs a session, on paper or live, over a replayed or a live feed, or goes on with one that was stopped. */
export async function runPaper(
  outer: CommandContext,
  options: Pick<PaperOptions, 'speed' | 'session' | 'feed'>,
  prepare: () => Promise<Replay>,
  known: KnownSource | null = null,
): Promise<CommandOutput> {
  const speed = options.speed === 'max' ? Infinity : Number(options.speed);
  if (!(speed > 0)) throw new InputError(`--speed ${options.speed} is not above 0.`, 'Give a number, or max.');
  const replay = await prepare();
  const session = { ...replay.session, id: options.session ?? replay.session.id };
  const { pool } = await outer.database();
  const lease = await SessionLease.take(pool, session.id);
  const heeded = await heedStops(pool, session.id, outer.signal);
  const context = { ...outer, signal: heeded.signal };
  try {
    const own = { ...replay, session };
    const again = (): Promise<Replay> => (replay.live === undefined ? Promise.resolve(own) : anew(known, prepare));
    const fresh = async (): Promise<Replay> => ({ ...(await prepare()), session });
    const of = { speed, known, again, fresh };
    if (replay.venue === undefined) return await runAnew(context, own, { ...of, leases: [lease] });
    const { broker, account } = replay.venue;
    const second = await SessionLease.takeAccount(pool, `${broker.name}/${account.id}`);
    try {
      return await runAnew(context, own, { ...of, leases: [lease, second] });
    } finally {
      await second.release();
    }
  } finally {
    await heeded.end();
    await lease.release();
  }
}

/** The session prepared once more, to be looked at: it does not reach the venue where its source is known. */
function anew(known: KnownSource | null, prepare: () => Promise<Replay>): Promise<Replay> {
  return known === null ? prepare() : known.prepare(known.source);
}

/** What the run of a leased session is given. */
interface LeasedRun {
  readonly speed: number;
  readonly leases: readonly SessionLease[];
  readonly known: KnownSource | null;
  /** The session as it would be run again. */
  readonly again: () => Promise<Replay>;
  /** Its last state is not used. */
  readonly fromStart: boolean;
}

/** Goes on from the last state of the session, or, where that does not fit, replays it from its start. */
async function runAnew(
  context: CommandContext,
  replay: Replay,
  { fresh, ...of }: Omit<LeasedRun, 'fromStart'> & { readonly fresh: () => Promise<Replay> },
): Promise<CommandOutput> {
  try {
    return await runLeased(context, replay, { ...of, fromStart: false });
  } catch (error) {
    if (!(error instanceof StateMisfit)) throw error;
    context.progress.note(`${error.message} ${error.remedy}`);
    // Features and models of the session have seen its bars: they begin anew, too.
    return runLeased(context, await fresh(), { ...of, fromStart: true });
  }
}

/** The session of which no other process is. One that fails before anything of it is on record leaves none. */
async function runLeased(
  context: CommandContext,
  replay: Replay,
  { speed, leases, known, again, fromStart }: LeasedRun,
): Promise<CommandOutput> {
  const { session } = replay;
  const database = await context.database();
  const { isNew, endedWith } = await openSession(database.pool, session);
  const life = new SessionLife(database.pool, operatorOf(context.config), session);
  if (endedWith !== null && replay.live !== undefined) {
    throw new InputError(`Session "${session.id}" has ended.`, 'Begin another one with --session ID.');
  }
  if (isNew && replay.venue !== undefined && replay.venue.foreign !== 'adopt')
    await requireEmptyOrForget(database.pool, replay);
  if (known !== null) await writeSource(database.pool, session.id, known.source);
  const store = new SessionBars(database.pool, session.id);
  const relay = await relayOf(context, session.id);
  const onSignals = (): void => relay?.wake();
  const named = { ...session, marks: replay.options.marks, source: signalSource(session), onSignals };
  // What an earlier process did not get to tell.
  if (!isNew) onSignals();
  const journal = await PostgresJournal.open(database, named, {
    sealed: endedWith !== null,
    fromStart: fromStart || endedWith !== null,
  });
  const at = replay.venue === undefined ? {} : { broker: replay.venue.broker.name, account: replay.venue.account.id };
  await noteLimits(database.pool, session.id, replay.options.limits, 'begins');
  if (endedWith === null) await life.began(isNew, { ...at, limits: replay.options.limits });
  try {
    const result = await runStored(context, replay, {
      speed,
      store,
      journal,
      compare: (untilMs) => comparedAgain(context, { session, again }, untilMs),
      onStep: () => leases.forEach((lease) => lease.requireHeld()),
    });
    if (endedWith !== null) requireRepeat(session.id, result, endedWith);
    else {
      if (!context.signal.aborted) {
        await closeSession(database.pool, session.id, result.journalHash);
        await deleteState(database.pool, session.id);
      }
      await life.ended(context.signal.aborted ? 'session-stop' : 'session-end', result.journalHash);
    }
    const parity = context.signal.aborted ? null : await parityAtEnd(context, { session, again }, result);
    const compared = parity === null ? {} : { parity: paritySummary(parity) };
    const line = parity === null ? [] : [parityLine(parity)];
    return {
      value: { ...summaryOf(session.id, result), ...at, ...compared },
      text: () => [describe(session.id, result), ...line].join('\n'),
    };
  } catch (error) {
    if (endedWith === null) await life.failed(error as Error);
    if (isNew && journal.appended === 0 && store.written === 0) await deleteSession(database.pool, session.id);
    throw error;
  } finally {
    await relay?.close(RELAY_MS_MAX);
  }
}

/** A session that finds somebody else's positions leaves nothing of itself. */
async function requireEmptyOrForget(pool: pg.Pool, { session, venue, options }: Replay): Promise<void> {
  try {
    await requireEmpty(venue!, options.instruments);
  } catch (error) {
    await deleteSession(pool, session.id);
    throw error;
  }
}

/** What the run of a stored session is given. */
interface StoredRun {
  readonly speed: number;
  readonly store: SessionBars;
  readonly journal: PostgresJournal;
  /** With the backtest of its bars, up to a close; says what was found. */
  readonly compare: (untilMs: number) => Promise<string>;
  readonly onStep: () => void;
}

async function runStored(
  context: CommandContext,
  replay: Replay,
  { speed, store, journal, compare, onStep }: StoredRun,
): Promise<SessionResult> {
  const { session } = replay;
  const { pool } = await context.database();
  const total = replay.bars.reduce((sum, { length }) => sum + length, 0);
  const stage = context.progress.stage(
    `${session.kind} session ${session.id}`,
    replay.live === undefined ? total : undefined,
  );
  const show = progressTo(stage);
  const commands = await SessionCommands.load(pool, session.id);
  const latencies = latenciesOf(pool, session.id);
  const { venue, health } = await watchedEdge(context, replay, latencies);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const books = new BooksTeller((held, atMs) => noteBooks(pool, session.id, held, atMs), context.clock);
  const watching = watchAccount({ ...context, signal }, session.id, replay.venue ?? replay.beside);
  const outcomes = new SignalOutcomes({
    symbols: session.symbols,
    actions: replay.options.actions ?? [],
    marks: replay.options.marks ?? PLAIN_MARKS,
    write: (known) => writeSignalOutcomes(pool, session.id, known),
  });
  const daily = dailyOf(context, replay, compare);
  const running = runPaperSession({
    ...replay.options,
    ...(venue === undefined ? {} : { venue, broker: venue.makeBroker }),
    keepEvery: replay.keepEvery,
    sessionId: session.id,
    feed: outcomes.followed(feedOf({ ...context, signal }, replay, { speed, store })),
    journal: outcomes.heard(heardFills(heardBy(journal, { venue, health }), latencies)),
    latencies,
    commands: {
      begun: commands.begun,
      replayed: (step) => commands.replayed(step),
      take: (step, timeMs) => {
        onStep();
        return commands.take(step, timeMs);
      },
    },
    note: (text) => context.progress.note(text),
    dueSplits: replay.live?.dueSplits,
    eventClock: replay.live === undefined ? undefined : context.clock,
    onLimits: (limits) => noteLimits(pool, session.id, limits, 'changed'),
    onStanding: (standing) => {
      health?.onStanding(standing);
      if (replay.live !== undefined) daily.onClose(standing.lastCloseMs);
      return noteStanding(pool, session.id, standing);
    },
    onBooks: (account, timeMs) => books.tell(account, timeMs),
    clock: context.clock,
    signal: context.signal,
    onStep: (bars) => {
      onStep();
      show(bars);
    },
  });
  // A feed that waits for its source ends with the session, however that ends.
  const result = await running.finally(() => {
    stop.abort();
    return health?.end();
  });
  await books.flush();
  await replay.shadows?.flush();
  await watching;
  await daily.end();
  stage.done(`${result.fills} fills`);
  return result;
}

const latenciesOf = (pool: pg.Pool, id: string): OrderLatencies =>
  new OrderLatencies({ clock: preciseClock, write: (rows) => writeLatencies(pool, id, rows) });

/** Sets it beside the backtest of its bars, day by day. */
function dailyOf({ progress }: CommandContext, { options }: Replay, compare: StoredRun['compare']): DailyParity {
  const note = (text: string): void => progress.note(text);
  return new DailyParity({ compare, dayOf: options.dayOf ?? utcDayOfClose, note, now: systemClock });
}

/** Records what the venue says of the account, until the session ends. */
async function watchAccount(
  { database, clock, progress, signal }: CommandContext,
  id: string,
  venue: VenuePlan | undefined,
): Promise<void> {
  if (venue === undefined) return;
  const { broker } = venue;
  const { pool } = await database();
  await watchVenueAccount({
    broker,
    note: (word, atMs) => noteVenueWord(pool, id, word, atMs),
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
  { speed, store }: { speed: number; store: SessionBars },
): AsyncIterable<ClosedBars> {
  if (live === undefined) return replayFeed(bars, instruments, { speed, signal });
  const onEvent: LiveBarsOptions['onEvent'] = (event) => {
    if (event.kind === 'status') progress.note(`${event.status}: ${event.symbol ?? 'feed'} ${event.message}`);
    if (event.kind === 'correction') {
      const time = new Date(event.bar.openTimeMs).toISOString();
      progress.note(`${event.reason}: ${event.symbol} ${time}; the session keeps what it was given`);
    }
  };
  return liveBars({ instruments, warmUp: bars, tail: live, store, signal, onEvent });
}
