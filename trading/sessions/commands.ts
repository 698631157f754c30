import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext } from '../../infra/command.ts';
import type { Command as SessionCommand } from '../effect.ts';
import type { PaperOptions, Replay } from './paper-command.ts';

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
  { name: 'resume', does: 'go on; after a drawdown breach this is the consent it waits for' },
];

/** Registers `paper`, `halt`, `reduce`, `flatten`, `resume`, `sessions` and `account`. */
export function registerTradingCommands(program: Command): void {
  const paper = addCommand(
    program,
    'paper <experiment>',
    'a paper session over a replayed or a live feed; restarting it goes on',
  );
  paper.option('--speed <X>', 'event time over wall time; max replays as fast as it can', 'max');
  paper.option('--session <ID>', 'a session of its own under this id');
  paper.option(
    '--feed <KIND>',
    'replay: the predictions that a training stored, or strategies, over their bars again; live: history warms up, then the champion of the registry trades, looked up at every bar; of strategies: their backtest goes on with the feed (default: replay; live at a venue)',
  );
  paper.option(
    '--broker <NAME>',
    'simulated, or alpaca: orders go to the paper account whose keys the environment holds, and history is not traded',
    'simulated',
  );
  paper.option('--vendor <NAME>', 'alpaca, polygon or binance (live; default: the vendor of the experiment)');
  paper.option('--deadline <SECONDS>', 'longest that one decision of a strategy file may take (default: 10)');
  paper.option('--real-jumps', 'a jump of the size of a split, with none on record, is a move of the price (live)');
  paper.option(
    '--foreign <HOW>',
    'positions and orders at the venue that are not of this session: refuse them, and open nothing once they appear; or adopt: book them as external',
    'refuse',
  );
  bindAction<PaperOptions>(paper, async (context, options, experiment) => {
    const { runPaper } = await import('./paper-command.ts');
    return runPaper(context, options, () => prepareSession(context, experiment!, options));
  });
  for (const { name, does } of OPERATOR_COMMANDS) {
    const command = addCommand(program, name, does);
    command.option('--session <ID>', 'only this session (default: every session that is running)');
    bindAction<{ session?: string }>(command, async (context, { session }) => {
      return (await import('./operators/tell-sessions.ts')).tellSessions(await context.database(), name, session);
    });
  }
  registerSessionCommands(program);
  const account = addCommand(program, 'account', 'cash of sessions, booking by booking, exact to the last decimal');
  account.option('--session <ID>', 'only this session, or a backtest (default: every session that trades or traded)');
  bindAction<{ session?: string }>(account, async (context, { session }) => {
    return (await import('./operators/account-output.ts')).accountOutput(await context.database(), session);
  });
}

function registerSessionCommands(program: Command): void {
  const sessions = program.command('sessions').description('what trades or has traded, and how it stands');
  const list = addCommand(sessions, 'list', 'every session, the newest first', { isDefault: true });
  list.option('--all', 'backtests too');
  bindAction<{ all?: boolean }>(list, async (context, { all }) => {
    const { sessionsOutput } = await import('./operators/sessions-output.ts');
    return sessionsOutput(await context.database(), { backtests: all === true });
  });
}

async function prepareSession(context: CommandContext, experiment: string, options: PaperOptions): Promise<Replay> {
  const { feedAsked } = await import('./paper-command.ts');
  if (feedAsked(options) === 'live') {
    const { liveExperiment } = await import('./live-experiment.ts');
    if (options.broker === 'simulated') return liveExperiment(context, experiment, options);
    // Before anything else: whoever has no keys, or no network, is told so at once.
    const { foreignAsked, reachAlpaca } = await import('./venue/venue-plan.ts');
    return liveExperiment(context, experiment, {
      ...options,
      venue: { ...(await reachAlpaca(context)), foreign: foreignAsked(options.foreign) },
    });
  }
  return (await import('./replay-experiment.ts')).replayExperiment(context, experiment, options);
}
