import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext } from '../../infra/command.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import type { Command as SessionCommand } from '../effect.ts';
import { registerOrderTrail, registerRiskCommands } from './operators/risk-commands.ts';
import { registerSignalCommands } from '../signals/commands.ts';
import { registerLookCommands, registerSessionLooks } from './operators/look-commands.ts';
import { addSessionOptions } from './session-options.ts';
import { registerSupervisorCommands } from './supervisor/commands.ts';
import type { SessionSource } from './parity/parity-store.ts';
import type { PaperOptions, Replay } from './replay.ts';

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
  { name: 'resume', does: 'go on; after a drawdown breach this is the consent it waits for' },
];

/** Registers `paper`, words of operators, what is done with signals, `sessions`, and looks at what they hold. */
export function registerTradingCommands(program: Command): void {
  const paper = addCommand(
    program,
    'paper <experiment>',
    'a paper session over a replayed or a live feed; restarting it goes on',
  );
  addSessionOptions(paper);
  bindAction<PaperOptions>(paper, async (context, options, experiment) => {
    const { runPaper } = await import('./paper-command.ts');
    const { speed: _speed, ...asked } = options;
    const source = { experiment: experiment!, options: asked };
    const known = { source, prepare: (of: SessionSource) => prepareAgain(quiet(context), of) };
    return runPaper(context, options, () => prepareSession(context, experiment!, options), known);
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
  registerSignalCommands(program);
  registerRiskCommands(program);
  registerLookCommands(program);
  registerOrderTrail(program);
  const sessions = program.command('sessions').description('what trades or has traded, how it stands, start and stop');
  registerSessionLooks(sessions);
  registerSupervisorCommands(sessions);
  const parity = addCommand(program, 'parity', 'a session order by order beside the backtest of the same bars');
  parity.option('--session <ID>', 'the session, running or ended');
  parity.option('--experiment <FILE>', 'its experiment, where that has moved');
  bindAction<{ session?: string; experiment?: string }>(parity, async (context, asked) => {
    const { parityOutput } = await import('./parity/parity-command.ts');
    return parityOutput(context, asked, (source) => prepareAgain(context, source));
  });
}

async function prepareSession(context: CommandContext, experiment: string, options: PaperOptions): Promise<Replay> {
  const { feedAsked } = await import('./paper-command.ts');
  if (feedAsked(options) === 'live') {
    const { liveExperiment } = await import('./live-experiment.ts');
    // Before anything else: whoever has no keys, or no network, is told so at once.
    const { brokerNamed, foreignAsked } = await import('./venue/venue-plan.ts');
    const name = brokerNamed(options.broker);
    if (name === 'simulated') return liveExperiment(context, experiment, options);
    const { reachVenue } = await import('./venue/reach-venue.ts');
    const foreign = foreignAsked(options.foreign);
    return liveExperiment(context, experiment, {
      ...options,
      venue: { ...(await reachVenue(name, context)), foreign },
    });
  }
  return (await import('./replay-experiment.ts')).replayExperiment(context, experiment, options);
}

/** What is done beside a session says nothing of its steps. */
const quiet = (context: CommandContext): CommandContext => ({ ...context, progress: silentProgress() });

/** A session that ran, to be looked at: a venue is not reached for it. */
async function prepareAgain(context: CommandContext, { experiment, options }: SessionSource): Promise<Replay> {
  const { feedAsked } = await import('./paper-command.ts');
  if (feedAsked(options) === 'live') {
    return (await import('./live-experiment.ts')).liveExperiment(context, experiment, options);
  }
  return (await import('./replay-experiment.ts')).replayExperiment(context, experiment, options);
}
