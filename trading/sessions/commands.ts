import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { Command as SessionCommand } from '../effect.ts';
import { registerSignalCommands } from '../signals/commands.ts';
import { registerLookCommands, registerSessionLooks } from './operators/look-commands.ts';
import { addSessionOptions } from './asked/session-options.ts';
import { registerPromote } from './stages/commands.ts';
import { registerSupervisorCommands } from './supervisor/commands.ts';
import type { PaperOptions } from './paper-command.ts';

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
  { name: 'resume', does: 'go on; after a drawdown breach this is the consent it waits for' },
];

/** Registers `paper`, `live`, words of operators, what is done with signals, `sessions`, looks, and `strategies`. */
export function registerTradingCommands(program: Command): void {
  const paper = addCommand(
    program,
    'paper <experiment>',
    'a paper session over a replayed or a live feed; restarting it goes on',
  );
  addSessionOptions(paper);
  bindAction<PaperOptions>(paper, async (context, options, experiment) => {
    const [{ runPaper }, { preparePaper }] = await Promise.all([
      import('./paper-command.ts'),
      import('./asked/prepare-session.ts'),
    ]);
    return runPaper(context, options, () => preparePaper(context, experiment!, options));
  });
  const live = addCommand(
    program,
    'live <experiment>',
    'a session that trades real money: needs SIGNALBOX_LIVE=1, and the name of the account, passed or typed',
  );
  addSessionOptions(live).option('--account <NAME>', 'number of the account at the broker');
  bindAction<PaperOptions>(live, async (context, options, experiment) => {
    const [{ runPaper }, { prepareLive }] = await Promise.all([
      import('./paper-command.ts'),
      import('./asked/prepare-session.ts'),
    ]);
    return runPaper(context, options, () => prepareLive(context, experiment!, options));
  });
  for (const { name, does } of OPERATOR_COMMANDS) {
    const command = addCommand(program, name, does);
    command.option('--session <ID>', 'only this session (default: every session that is running)');
    bindAction<{ session?: string }>(command, async (context, { session }) => {
      return (await import('./operators/tell-sessions.ts')).tellSessions(await context.database(), name, session);
    });
  }
  registerSignalCommands(program);
  registerLookCommands(program);
  const sessions = program.command('sessions').description('what trades or has traded, how it stands, start and stop');
  registerSessionLooks(sessions);
  registerSupervisorCommands(sessions);
  registerPromote(sessions);
  registerStrategyCommands(program);
}

function registerStrategyCommands(program: Command): void {
  const strategies = program.command('strategies').description('what rule strategies there are, and their parameters');
  const list = addCommand(strategies, 'list', 'every rule with its parameters and defaults', { isDefault: true });
  bindAction<object>(list, async () => (await import('../strategies/listing/strategies-output.ts')).strategiesOutput());
  const show = addCommand(strategies, 'show <strategy>', 'one rule with the bounds of its parameters');
  bindAction<object>(show, async (_context, _options, name) =>
    (await import('../strategies/listing/strategies-output.ts')).strategyOutput(name!),
  );
}
