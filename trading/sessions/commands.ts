import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext } from '../../infra/command.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import type { Command as SessionCommand } from '../effect.ts';
import { registerOrderTrail, registerRiskCommands } from './operators/risk-commands.ts';
import { registerEmergencyCommands } from './emergency/commands.ts';
import { registerSignalCommands } from '../signals/commands.ts';
import { registerLookCommands, registerSessionLooks } from './operators/look-commands.ts';
import { addSessionOptions } from './asked/session-options.ts';
import { registerPromote } from './stages/commands.ts';
import { registerSupervisorCommands } from './supervisor/commands.ts';
import type { SessionSource } from './parity/parity-store.ts';
import type { PaperOptions, Replay } from './replay.ts';

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
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
    const [{ runPaper }, prepare] = await Promise.all([
      import('./paper-command.ts'),
      import('./asked/prepare-session.ts'),
    ]);
    const known = knownBy(context, experiment!, options);
    return runPaper(context, options, () => prepare.preparePaper(context, experiment!, options), known);
  });
  const live = addCommand(
    program,
    'live <experiment>',
    'a session that trades real money: needs SIGNALBOX_LIVE=1, and the name of the account, passed or typed',
  );
  addSessionOptions(live).option('--account <NAME>', 'number of the account at the broker');
  bindAction<PaperOptions>(live, async (context, options, experiment) => {
    const [{ runPaper }, prepare] = await Promise.all([
      import('./paper-command.ts'),
      import('./asked/prepare-session.ts'),
    ]);
    const known = knownBy(context, experiment!, options);
    return runPaper(context, options, () => prepare.prepareLive(context, experiment!, options), known);
  });
  for (const { name, does } of OPERATOR_COMMANDS) {
    const command = addCommand(program, name, does);
    command.option('--session <ID>', 'only this session (default: every session that is running)');
    command.option('--reason <TEXT>', 'why: recorded in the audit');
    bindAction<{ session?: string; reason?: string }>(command, async (context, { session, reason }) => {
      const telling = { sessionId: session, actor: operatorOf(context.config), reason };
      return (await import('./operators/tell-sessions.ts')).tellSessions(await context.database(), name, telling);
    });
  }
  registerEmergencyCommands(program);
  registerSignalCommands(program);
  registerRiskCommands(program);
  registerLookCommands(program);
  registerOrderTrail(program);
  const sessions = program.command('sessions').description('what trades or has traded, how it stands, start and stop');
  registerSessionLooks(sessions);
  registerSupervisorCommands(sessions);
  registerPromote(sessions);
  const retain = addCommand(sessions, 'retain', 'remove requests to venues that are older than the settings say');
  retain.option('--dry-run', 'say what would be removed');
  bindAction<{ dryRun?: boolean }>(retain, async (context, options) =>
    (await import('./requests/retain-command.ts')).retainCommand(context, options),
  );
  registerStrategyCommands(program);
  const parity = addCommand(program, 'parity', 'a session order by order beside the backtest of the same bars');
  parity.option('--session <ID>', 'the session, running or ended');
  parity.option('--experiment <FILE>', 'its experiment, where that has moved');
  bindAction<{ session?: string; experiment?: string }>(parity, async (context, asked) => {
    const { parityOutput } = await import('./parity/parity-command.ts');
    return parityOutput(context, asked, (source) => prepareAgain(context, source));
  });
}

/** How a session was asked for, kept with it so that it can be looked at again beside its backtest. */
function knownBy(context: CommandContext, experiment: string, asked: PaperOptions) {
  const { speed: _speed, metricsPort: _metricsPort, ...options } = asked;
  return { source: { experiment, options }, prepare: (of: SessionSource) => prepareAgain(quiet(context), of) };
}

/** What is done beside a session says nothing of its steps. */
const quiet = (context: CommandContext): CommandContext => ({ ...context, progress: silentProgress() });

async function prepareAgain(context: CommandContext, source: SessionSource): Promise<Replay> {
  return (await import('./asked/prepare-session.ts')).prepareAgain(context, source);
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
