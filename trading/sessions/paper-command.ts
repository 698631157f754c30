import type pg from 'pg';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { deleteState } from '../journal/state-store.ts';
import { StateMisfit } from '../session-state.ts';
import { parityLine, paritySummary } from './parity/parity-command.ts';
import { writeSource } from './parity/parity-store.ts';
import { comparedAgain, parityAtEnd, type KnownSource } from './parity/parity-at-end.ts';
import { SessionBars } from './session-bar-store.ts';
import type { SessionResult } from '../session-result.ts';
import { relayOf } from '../signals/publishing/publish-signals.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import { SessionLife } from './supervisor/session-life.ts';
import { measuredContext } from '../../infra/metrics/measured-context.ts';
import { followLevels } from '../../infra/logging/levels/follow-levels.ts';
import type { Tracing } from '../../infra/tracing/span.ts';
import { openTracing } from '../../infra/tracing/tracing.ts';
import { openMetrics, type MeasuredProcess } from '../../infra/metrics/open-metrics.ts';
import type { SessionMetrics } from './measured/session-metrics.ts';
import type { PaperOptions, Replay } from './replay.ts';
import { keepRecord, type KeptRecord } from './record/keep-record.ts';
import { runStored } from './stored/stored-session.ts';
import { SessionLease } from './session-lease.ts';
import { closeSession, deleteSession, noteLimits, openSession, signalSource } from './session-store.ts';
import { modeAsked } from './asked/session-mode.ts';
import { heedStops } from './supervisor/heed-stops.ts';
import { brokerNamed, requireEmpty } from './venue/venue-plan.ts';
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
  options: Pick<PaperOptions, 'speed' | 'session' | 'feed' | 'metricsPort'>,
  prepare: () => Promise<Replay>,
  known: KnownSource | null = null,
): Promise<CommandOutput> {
  const note = (text: string): void => outer.progress.note(text);
  const served = await openMetrics(outer.config, 'session', { option: options.metricsPort, note });
  const tracing = await openTracing(outer.config, 'session', note);
  try {
    return await runServed(await measuredContext(outer, served), options, { prepare, known, served, tracing });
  } finally {
    await tracing?.end();
    await served?.end();
  }
}

/** How a session is prepared, and where its metrics are served. */
interface ServedRun {
  readonly prepare: () => Promise<Replay>;
  readonly known: KnownSource | null;
  readonly served: MeasuredProcess | null;
  readonly tracing: Tracing | null;
}

async function runServed(
  outer: CommandContext,
  options: Pick<PaperOptions, 'speed' | 'session' | 'feed'>,
  { prepare, known, served, tracing }: ServedRun,
): Promise<CommandOutput> {
  const speed = options.speed === 'max' ? Infinity : Number(options.speed);
  if (!(speed > 0)) throw new InputError(`--speed ${options.speed} is not above 0.`, 'Give a number, or max.');
  const replay = await prepare();
  const session = { ...replay.session, id: options.session ?? replay.session.id };
  const database = await outer.database();
  const { pool } = database;
  const lease = await SessionLease.take(pool, session.id);
  const heeded = await heedStops(pool, session.id, outer.signal);
  const levels = followLevels(database, outer.config, { role: 'session', session: session.id });
  const context = { ...outer, signal: heeded.signal };
  try {
    const own = { ...replay, session };
    const again = (): Promise<Replay> => (replay.live === undefined ? Promise.resolve(own) : anew(known, prepare));
    const fresh = async (): Promise<Replay> => ({ ...(await prepare()), session });
    const of = { speed, known, again, fresh, tracing, metrics: await metricsOf(served, own) };
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
    await levels.close();
    await lease.release();
  }
}

async function metricsOf(served: MeasuredProcess | null, { session, venue }: Replay): Promise<SessionMetrics | null> {
  if (served === null) return null;
  const { SessionMetrics } = await import('./measured/session-metrics.ts');
  const { id, kind, experiment = '' } = session;
  return new SessionMetrics(served, { session: id, kind, experiment, broker: venue?.broker.name ?? 'simulated' });
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
  readonly metrics: SessionMetrics | null;
  readonly tracing: Tracing | null;
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
  { speed, leases, known, again, fromStart, metrics, tracing }: LeasedRun,
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
  const isLeaving = replay.venue !== undefined;
  const keeping = { sessionId: session.id, leases, leaves: isLeaving, onBack: onSignals };
  const kept = endedWith !== null ? null : await keepRecord(context, database, keeping);
  const journal = await PostgresJournal.open(database, named, {
    sealed: endedWith !== null,
    fromStart: fromStart || endedWith !== null,
    ...(kept === null ? {} : { sink: kept.record }),
  });
  const at = replay.venue === undefined ? {} : { broker: replay.venue.broker.name, account: replay.venue.account.id };
  await noteLimits(database.pool, session.id, replay.options.limits, 'begins');
  if (endedWith === null) await life.began(isNew, { ...at, limits: replay.options.limits });
  try {
    const result = await runStored(context, replay, {
      speed,
      store,
      journal,
      kept,
      metrics,
      tracing,
      compare: (untilMs) => comparedAgain(context, { session, again }, untilMs),
      onStep: () => {
        const [lost] = leases.filter(({ isLost }) => isLost);
        if (lost !== undefined) kept?.presence.lost(new Error('the connection that says that it runs has broken'));
      },
    });
    if (kept !== null && !(await recordedAll(kept, context))) return outputOf(session.id, result, at);
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
    return outputOf(session.id, result, { ...at, ...compared }, line);
  } catch (error) {
    if (endedWith === null) await life.failed(error as Error);
    if (isNew && journal.appended === 0 && (kept?.record.closes ?? 0) === 0)
      await deleteSession(database.pool, session.id);
    throw error;
  } finally {
    await kept?.presence.end();
    await relay?.close(RELAY_MS_MAX);
  }
}

function outputOf(id: string, result: SessionResult, more: object, lines: readonly string[] = []): CommandOutput {
  return {
    value: { ...summaryOf(id, result), ...more },
    text: () => [describe(id, result), ...lines].join('\n'),
  };
}

/**
 * Whether the database has all of a session that is over. Where it is away, one whose feed has ended waits for it; one
 * that was stopped leaves the rest in its local log.
 */
async function recordedAll({ record, presence }: KeptRecord, { signal, progress }: CommandContext): Promise<boolean> {
  if (!presence.isAway) return true;
  if (!signal.aborted) {
    await presence.untilBack(signal);
    return true;
  }
  progress.note(`${record.unmerged} commits are in the local log ${record.path}: the next start merges them`);
  return false;
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
