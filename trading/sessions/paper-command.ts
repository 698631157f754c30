import type pg from 'pg';
import { amountText } from '../amount-text.ts';
import { progressTo } from '../../infra/terminal/progress.ts';
import type { BarColumns } from '../../features/bar.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { SessionOptions } from './historical-session.ts';
import { liveBars, type LiveBarsOptions, type LiveTail } from './live-bars.ts';
import { runPaperSession } from './streaming-session.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { replayFeed, type ClosedBars } from './replayed-feed.ts';
import { SessionBars } from './session-bar-store.ts';
import type { SessionResult } from '../session-result.ts';
import { relayOf } from '../signals/publishing/publish-signals.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import { SessionLife } from './session-life.ts';
import { SessionLease } from './session-lease.ts';
import {
  closeSession,
  deleteSession,
  listSessions,
  noteLimits,
  noteStanding,
  openSession,
  SessionCommands,
  signalSource,
  type SessionDefinition,
} from './session-store.ts';
import { DEFAULT_PATIENCE } from '../execution/venue-patience.ts';
import { noteBooks, noteVenueWord } from './monitor/account-store.ts';
import { heedStops } from './supervisor/heed-stops.ts';
import { BooksTeller } from './monitor/books-teller.ts';
import { watchVenueAccount } from './monitor/venue-account-watch.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { VenueEdge } from './venue/venue-edge.ts';
import { VenueInputStore } from './venue/venue-input-store.ts';
import { brokerNamed, requireEmpty, type VenuePlan } from './venue/venue-plan.ts';

/** By how much the clocks of database, venue and session may differ. */
const CLOCKS_APART_MS = 60_000;

/** How long the end of a session waits for a Redis that is not told of all its signals. */
const RELAY_MS_MAX = 2_000;

/** A session of an experiment, ready to be run over its bars as if they arrived now, and over what comes after them. */
export interface Replay {
  readonly options: SessionOptions;
  readonly bars: readonly BarColumns[];
  readonly session: SessionDefinition;
  readonly live?: LiveTail;
  /** The venue at which it trades; absent where it is simulated. */
  readonly venue?: VenuePlan | undefined;
}

export interface PaperOptions {
  readonly speed: string;
  readonly session?: string;
  readonly feed?: string;
  readonly broker: string;
  readonly vendor?: string;
  readonly realJumps?: boolean;
  readonly deadline?: string;
}

/** Where a session's bars come from: at a venue they come as they close. @throws InputError for what does not fit */
export function feedAsked({ feed, broker }: Pick<PaperOptions, 'feed' | 'broker'>): 'replay' | 'live' {
  const isVenue = brokerNamed(broker) !== 'simulated';
  const kind = feed ?? (isVenue ? 'live' : 'replay');
  if (kind !== 'replay' && kind !== 'live') throw new InputError(`--feed ${kind} is neither replay nor live.`);
  if (kind === 'live' || !isVenue) return kind;
  throw new InputError(`--feed replay and --broker ${broker}: the past cannot be traded.`, 'Leave --feed out.');
}

/** Runs a paper session over a replayed or a live feed, or goes on with one that was stopped. */
export async function runPaper(
  outer: CommandContext,
  options: Pick<PaperOptions, 'speed' | 'session' | 'feed'>,
  prepare: () => Promise<Replay>,
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
    if (replay.venue === undefined) return await runLeased(context, { ...replay, session }, { speed, leases: [lease] });
    const { broker, account } = replay.venue;
    const second = await SessionLease.takeAccount(pool, `${broker.name}/${account.id}`);
    try {
      return await runLeased(context, { ...replay, session }, { speed, leases: [lease, second] });
    } finally {
      await second.release();
    }
  } finally {
    await heeded.end();
    await lease.release();
  }
}

/** The session of which no other process is. One that fails before anything of it is on record leaves none. */
async function runLeased(
  context: CommandContext,
  replay: Replay,
  { speed, leases }: { speed: number; leases: readonly SessionLease[] },
): Promise<CommandOutput> {
  const { session } = replay;
  const database = await context.database();
  const { isNew, endedWith } = await openSession(database.pool, session);
  const life = new SessionLife(database.pool, operatorOf(context.config), session);
  if (endedWith !== null && replay.live !== undefined) {
    throw new InputError(`Session "${session.id}" has ended.`, 'Begin another one with --session ID.');
  }
  if (isNew && replay.venue !== undefined) await requireEmptyOrForget(database.pool, replay);
  const store = new SessionBars(database.pool, session.id);
  const relay = await relayOf(context, session.id);
  const onSignals = (): void => relay?.wake();
  const named = { ...session, marks: replay.options.marks, source: signalSource(session), onSignals };
  // What an earlier process did not get to tell.
  if (!isNew) onSignals();
  const journal = await PostgresJournal.open(database, named, { sealed: endedWith !== null });
  const at = replay.venue === undefined ? {} : { broker: replay.venue.broker.name, account: replay.venue.account.id };
  await noteLimits(database.pool, session.id, replay.options.limits, 'begins');
  if (endedWith === null) await life.began(isNew, { ...at, limits: replay.options.limits });
  try {
    const result = await runStored(context, replay, {
      speed,
      store,
      journal,
      onStep: () => leases.forEach((lease) => lease.requireHeld()),
    });
    if (endedWith !== null) requireRepeat(session.id, result, endedWith);
    else {
      if (!context.signal.aborted) await closeSession(database.pool, session.id, result.journalHash);
      await life.ended(context.signal.aborted ? 'session-stop' : 'session-end', result.journalHash);
    }
    return { value: { ...summaryOf(session.id, result), ...at }, text: () => describe(session.id, result) };
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

/** What a session that has ended left is its record: it is run again to be looked at, never to be changed. */
function requireRepeat(id: string, { journalHash }: SessionResult, endedWith: string): void {
  if (journalHash === endedWith) return;
  throw new SignalboxError(`Session "${id}" has ended, and does not repeat its journal.`, {
    remedy: 'Its predictions or the software changed since. Begin another one with --session ID.',
  });
}

async function runStored(
  context: CommandContext,
  replay: Replay,
  {
    speed,
    store,
    journal,
    onStep,
  }: { speed: number; store: SessionBars; journal: PostgresJournal; onStep: () => void },
): Promise<SessionResult> {
  const { session } = replay;
  const { pool } = await context.database();
  const total = replay.bars.reduce((sum, { length }) => sum + length, 0);
  const stage = context.progress.stage(`paper session ${session.id}`, replay.live === undefined ? total : undefined);
  const show = progressTo(stage);
  const commands = await SessionCommands.load(pool, session.id);
  const venue = replay.venue === undefined ? undefined : await edgeOf(context, replay, replay.venue);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const books = new BooksTeller((held, atMs) => noteBooks(pool, session.id, held, atMs), context.clock);
  const watching = replay.venue === undefined ? null : watchAccount({ ...context, signal }, session.id, replay.venue);
  const running = runPaperSession({
    ...replay.options,
    ...(venue === undefined ? {} : { venue, broker: venue.makeBroker }),
    sessionId: session.id,
    feed: feedOf({ ...context, signal }, replay, { speed, store }),
    journal: venue?.journal(journal) ?? journal,
    commands: {
      begun: commands.begun,
      replayed: (step) => commands.replayed(step),
      take: (step, timeMs) => {
        onStep();
        return commands.take(step, timeMs);
      },
    },
    eventClock: replay.live === undefined ? undefined : context.clock,
    onLimits: (limits) => noteLimits(pool, session.id, limits, 'changed'),
    onStanding: (standing) => noteStanding(pool, session.id, standing),
    onBooks: (account, timeMs) => books.tell(account, timeMs),
    clock: context.clock,
    signal: context.signal,
    onStep: (bars) => {
      onStep();
      show(bars);
    },
  });
  // A feed that waits for its source ends with the session, however that ends.
  const result = await running.finally(() => stop.abort());
  await books.flush();
  await watching;
  stage.done(`${result.fills} fills`);
  return result;
}

/** The session's side of its venue, with what it was told before it was stopped. */
async function edgeOf(context: CommandContext, { options, session }: Replay, plan: VenuePlan): Promise<VenueEdge> {
  const { pool } = await context.database();
  const store = new VenueInputStore(pool, session.id);
  const begun = await listSessions(pool, { ids: [session.id] });
  return new VenueEdge({
    broker: plan.broker,
    instruments: options.instruments,
    sessionId: session.id,
    store,
    recorded: await store.read(),
    patience: plan.patience ?? DEFAULT_PATIENCE,
    clock: context.clock,
    sinceMs: begun[0]!.startedAt.getTime() - CLOCKS_APART_MS,
    note: (text) => context.progress.note(text),
  });
}

/** Records what the venue says of the account, until the session ends. */
async function watchAccount(
  { database, clock, progress, signal }: CommandContext,
  id: string,
  { broker }: VenuePlan,
): Promise<void> {
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

function summaryOf(id: string, result: SessionResult): Record<string, unknown> {
  const { bars, fills, ledger, refusals, reasons, journalHash, initialCapital } = result;
  return {
    session: id,
    bars,
    fills,
    trades: ledger.length,
    refused: refusals.length,
    initialCapital,
    finalEquity: result.equity.at(-1) ?? initialCapital,
    reasons,
    journalHash,
    ...(result.strategies === undefined ? {} : { strategies: result.strategies }),
  };
}

function describe(id: string, result: SessionResult): string {
  const equity = result.equity.at(-1) ?? result.initialCapital;
  return [
    `${id}: ${result.bars} bars, ${result.fills} fills, ${result.refusals.length} refused`,
    `equity ${amountText(equity)} from ${amountText(result.initialCapital)}`,
    ...result.reasons,
    `journal ${result.journalHash}`,
  ].join('\n');
}
