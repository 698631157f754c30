import type { BarColumns } from '../features/bar.ts';
import type { CommandContext, CommandOutput } from '../infra/command.ts';
import { InputError } from '../infra/errors.ts';
import type { SessionOptions } from './historical-session.ts';
import { runPaperSession } from './paper-session.ts';
import { PostgresJournal } from './postgres-journal.ts';
import { replayFeed } from './replayed-feed.ts';
import type { SessionResult } from './session-result.ts';
import { closeSession, openSession, SessionCommands, type SessionDefinition } from './session-store.ts';

/** A session of an experiment, ready to be run over its bars as if they arrived now. */
export interface Replay {
  readonly options: SessionOptions;
  readonly bars: readonly BarColumns[];
  readonly session: SessionDefinition;
}

export interface PaperOptions {
  readonly speed: string;
  readonly session?: string;
}

/** Runs a paper session over a replayed feed, or goes on with one that was stopped. */
export async function runPaper(
  context: CommandContext,
  options: PaperOptions,
  prepare: () => Promise<Replay>,
): Promise<CommandOutput> {
  const speed = options.speed === 'max' ? Infinity : Number(options.speed);
  if (!(speed > 0)) throw new InputError(`--speed ${options.speed} is not above 0.`, 'Give a number, or max.');
  const replay = await prepare();
  const session = { ...replay.session, id: options.session ?? replay.session.id };
  const database = await context.database();
  await openSession(database.pool, session);
  const total = replay.bars.reduce((sum, { length }) => sum + length, 0);
  const stage = context.progress.stage(`paper session ${session.id}`, total);
  let shown = 0;
  const result = await runPaperSession({
    ...replay.options,
    sessionId: session.id,
    feed: replayFeed(replay.bars, replay.options.instruments, { speed, signal: context.signal }),
    journal: await PostgresJournal.open(database, session),
    commands: await SessionCommands.load(database.pool, session.id),
    clock: context.clock,
    signal: context.signal,
    onStep: (bars) => {
      stage.advance(bars - shown);
      shown = bars;
    },
  });
  if (!context.signal.aborted) await closeSession(database.pool, session.id, result.journalHash);
  stage.done(`${result.fills} fills`);
  return { value: summaryOf(session.id, result), text: () => describe(session.id, result) };
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
  };
}

function describe(id: string, result: SessionResult): string {
  const equity = result.equity.at(-1) ?? result.initialCapital;
  return [
    `${id}: ${result.bars} bars, ${result.fills} fills, ${result.refusals.length} refused`,
    `equity ${equity.toFixed(2)} from ${result.initialCapital.toFixed(2)}`,
    ...result.reasons,
    `journal ${result.journalHash}`,
  ].join('\n');
}
