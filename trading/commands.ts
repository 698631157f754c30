import type { Command } from 'commander';
import type { BarColumns } from '../features/bar.ts';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../infra/command.ts';
import { InputError } from '../infra/errors.ts';
import type { Command as SessionCommand } from './effect.ts';
import type { SessionOptions } from './historical-session.ts';
import { runPaperSession } from './paper-session.ts';
import { PostgresJournal } from './postgres-journal.ts';
import { replayFeed } from './replayed-feed.ts';
import type { SessionResult } from './session-result.ts';
import { closeSession, openSession, requestCommand, SessionCommands, type SessionDefinition } from './session-store.ts';

/** A session of an experiment, ready to be run over its bars as if they arrived now. */
export interface Replay {
  readonly options: SessionOptions;
  readonly bars: readonly BarColumns[];
  readonly session: SessionDefinition;
}

/** Prepares an experiment for a session; the command line passes one, as labels and training are out of reach here. */
export type PrepareReplay = (context: CommandContext, experiment: string) => Promise<Replay>;

interface PaperOptions {
  readonly speed: string;
  readonly session?: string;
}

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
  { name: 'resume', does: 'go on; after a drawdown breach this is the consent it waits for' },
];

/** Registers `paper`, `halt`, `reduce`, `flatten` and `resume`. */
export function registerTradingCommands(program: Command, prepareReplay: PrepareReplay): void {
  const paper = addCommand(
    program,
    'paper <experiment>',
    'a paper session over a replayed feed; restarting it goes on',
  );
  paper.option('--speed <X>', 'event time over wall time; max replays as fast as it can', 'max');
  paper.option('--session <ID>', 'a session of its own under this id');
  bindAction<PaperOptions>(paper, (context, options, experiment) =>
    runPaper(context, options, () => prepareReplay(context, experiment!)),
  );
  for (const { name, does } of OPERATOR_COMMANDS) {
    const command = addCommand(program, name, does);
    command.option('--session <ID>', 'only this session (default: every session that has not ended)');
    bindAction<{ session?: string }>(command, async (context, { session }) => {
      const sessions = await requestCommand((await context.database()).pool, name, session);
      const text = sessions.length === 0 ? 'No session is running.' : `${name}: ${sessions.join(', ')}`;
      return { value: { command: name, sessions }, text: () => text };
    });
  }
}

async function runPaper(
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
