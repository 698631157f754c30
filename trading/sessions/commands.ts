import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import type { Command as SessionCommand } from '../effect.ts';
import type { PaperOptions, Replay } from './paper-command.ts';
import type { CommandedSession } from './session-store.ts';

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
  { name: 'resume', does: 'go on; after a drawdown breach this is the consent it waits for' },
];

/** Registers `paper`, `halt`, `reduce`, `flatten` and `resume`. */
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
    'replay: the predictions that a training stored, over their bars again; live: history warms up, then the champion of the registry trades, looked up at every bar',
    'replay',
  );
  paper.option('--vendor <NAME>', 'alpaca, polygon or binance (live; default: the vendor of the experiment)');
  bindAction<PaperOptions>(paper, async (context, options, experiment) => {
    const { runPaper } = await import('./paper-command.ts');
    return runPaper(context, options, () => prepareSession(context, experiment!, options));
  });
  for (const { name, does } of OPERATOR_COMMANDS) {
    const command = addCommand(program, name, does);
    command.option('--session <ID>', 'only this session (default: every session that is running)');
    bindAction<{ session?: string }>(command, async (context, { session }) => {
      const { requestCommand } = await import('./session-store.ts');
      return commandOutput(name, await requestCommand((await context.database()).pool, name, session));
    });
  }
}

/** Who was told, and whether anybody is there to hear it. */
function commandOutput(command: string, told: readonly CommandedSession[]): CommandOutput {
  const sessions = told.map(({ id }) => id);
  const waiting = told.filter(({ running }) => !running).map(({ id }) => id);
  const text = told.map(({ id, running }) =>
    running
      ? `${command}: ${id} takes it up before its next bar`
      : `${command}: ${id} is not running: it takes it up when it goes on`,
  );
  if (told.length === 0) text.push(`No session is running: there was nobody to tell "${command}".`);
  return { value: { command, sessions, waiting }, text: () => text.join('\n'), exitCode: told.length === 0 ? 1 : 0 };
}

async function prepareSession(context: CommandContext, experiment: string, options: PaperOptions): Promise<Replay> {
  if (options.feed === 'live') {
    return (await import('./live-experiment.ts')).liveExperiment(context, experiment, options);
  }
  return (await import('./replay-experiment.ts')).replayExperiment(context, experiment);
}
