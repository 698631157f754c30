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
import { SessionLease } from './session-lease.ts';
import {
  closeSession,
  deleteSession,
  noteStanding,
  openSession,
  SessionCommands,
  type SessionDefinition,
} from './session-store.ts';

/** A session of an experiment, ready to be run over its bars as if they arrived now, and over what comes after them. */
export interface Replay {
  readonly options: SessionOptions;
  readonly bars: readonly BarColumns[];
  readonly session: SessionDefinition;
  readonly live?: LiveTail;
}

export interface PaperOptions {
  readonly speed: string;
  readonly session?: string;
  readonly feed: string;
  readonly vendor?: string;
  readonly realJumps?: boolean;
  readonly deadline?: string;
}

/** Runs a paper session over a replayed or a live feed, or goes on with one that was stopped. */
export async function runPaper(
  context: CommandContext,
  options: PaperOptions,
  prepare: () => Promise<Replay>,
): Promise<CommandOutput> {
  const speed = options.speed === 'max' ? Infinity : Number(options.speed);
  if (!(speed > 0)) throw new InputError(`--speed ${options.speed} is not above 0.`, 'Give a number, or max.');
  if (!['replay', 'live'].includes(options.feed))
    throw new InputError(`--feed ${options.feed} is neither replay nor live.`);
  const replay = await prepare();
  const session = { ...replay.session, id: options.session ?? replay.session.id };
  const { pool } = await context.database();
  const lease = await SessionLease.take(pool, session.id);
  try {
    return await runLeased(context, { ...replay, session }, { speed, lease });
  } finally {
    await lease.release();
  }
}

/** The session of which no other process is. One that fails before anything of it is on record leaves none. */
async function runLeased(
  context: CommandContext,
  replay: Replay,
  { speed, lease }: { speed: number; lease: SessionLease },
): Promise<CommandOutput> {
  const { session } = replay;
  const database = await context.database();
  const { isNew, endedWith } = await openSession(database.pool, session);
  if (endedWith !== null && replay.live !== undefined) {
    throw new InputError(`Session "${session.id}" has ended.`, 'Begin another one with --session ID.');
  }
  const store = new SessionBars(database.pool, session.id);
  const journal = await PostgresJournal.open(database, session, { sealed: endedWith !== null });
  try {
    const result = await runStored(context, replay, { speed, store, journal, onStep: () => lease.requireHeld() });
    if (endedWith !== null) requireRepeat(session.id, result, endedWith);
    else if (!context.signal.aborted) await closeSession(database.pool, session.id, result.journalHash);
    return { value: summaryOf(session.id, result), text: () => describe(session.id, result) };
  } catch (error) {
    if (isNew && journal.appended === 0 && store.written === 0) await deleteSession(database.pool, session.id);
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
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const running = runPaperSession({
    ...replay.options,
    sessionId: session.id,
    feed: feedOf({ ...context, signal }, replay, { speed, store }),
    journal,
    commands: {
      begun: commands.begun,
      replayed: (step) => commands.replayed(step),
      take: (step, timeMs) => {
        onStep();
        return commands.take(step, timeMs);
      },
    },
    eventClock: replay.live === undefined ? undefined : context.clock,
    onStanding: (standing) => noteStanding(pool, session.id, standing),
    clock: context.clock,
    signal: context.signal,
    onStep: (bars) => {
      onStep();
      show(bars);
    },
  });
  // A feed that waits for its source ends with the session, however that ends.
  const result = await running.finally(() => stop.abort());
  stage.done(`${result.fills} fills`);
  return result;
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
