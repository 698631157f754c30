import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext } from '../../infra/command.ts';
import { operatorOf } from '../../infra/audit/operator.ts';
import type { Command as SessionCommand } from '../effect.ts';
import type { LimitsAsked } from './operators/risk-output.ts';
import { registerLookCommands, registerSessionLooks } from './operators/look-commands.ts';
import { addSessionOptions } from './session-options.ts';
import { registerSupervisorCommands } from './supervisor/commands.ts';
import type { PaperOptions, Replay } from './paper-command.ts';

const OPERATOR_COMMANDS: readonly { name: SessionCommand['command']; does: string }[] = [
  { name: 'halt', does: 'stop opening positions' },
  { name: 'reduce', does: 'only reduce positions, and cancel what would open' },
  { name: 'flatten', does: 'close everything and open nothing' },
  { name: 'resume', does: 'go on; after a drawdown breach this is the consent it waits for' },
];

/** Registers `paper`, words of operators, `publish`, `sessions`, and looks at what they hold. */
export function registerTradingCommands(program: Command): void {
  const paper = addCommand(
    program,
    'paper <experiment>',
    'a paper session over a replayed or a live feed; restarting it goes on',
  );
  addSessionOptions(paper);
  bindAction<PaperOptions>(paper, async (context, options, experiment) => {
    const { runPaper } = await import('./paper-command.ts');
    return runPaper(context, options, () => prepareSession(context, experiment!, options));
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
  const publish = addCommand(program, 'publish', 'recorded signals that Redis was not told of, to its streams');
  publish.option('--session <ID>', 'only this session (default: every session that trades or traded)');
  bindAction<{ session?: string }>(publish, async (context, { session }) => {
    return (await import('../signals/publishing/publish-signals.ts')).publishSignals(context, session);
  });
  const risk = program.command('risk').description('limits of a session while it runs').exitOverride();
  const shown = addCommand(risk, 'show', 'the limits of a session, and changes that it has yet to take up');
  shown.option('--session <ID>', 'of this session (default: the newest that runs, or else ran)');
  bindAction<{ session?: string }>(shown, async (context, { session }) =>
    (await import('./operators/risk-output.ts')).showLimits(await context.database(), session),
  );
  const set = addCommand(risk, 'set', 'change limits of a session: tighter ones hold at once, wider ones need consent');
  set
    .requiredOption('--session <ID>', 'of this session')
    .requiredOption('--limit <name=value...>', 'limits by name, null for none; `leverage=2 valueAtRisk.amount=500`')
    .requiredOption('--reason <TEXT>', 'why: recorded in the audit')
    .option('--consent <TEXT>', 'loosen ID, typed whole, where a limit becomes wider');
  bindAction<LimitsAsked>(set, async (context, options) =>
    (await import('./operators/risk-output.ts')).setLimits(context, options),
  );
  registerLookCommands(program);
  const audit = program.commands.find((command) => command.name() === 'audit') ?? program.command('audit');
  const trail = addCommand(
    audit,
    'order <ID>',
    'from an order, by number or by its id at the venue, to all it rests on',
  );
  trail.option('--session <ID>', 'of this session, or a backtest (default: the newest that runs, or else ran)');
  bindAction<{ session?: string }>(trail, async (context, { session }, id) =>
    (await import('./operators/order-trail.ts')).orderTrail(await context.database(), id!, session),
  );
  const sessions = program.command('sessions').description('what trades or has traded, how it stands, start and stop');
  registerSessionLooks(sessions);
  registerSupervisorCommands(sessions);
}

async function prepareSession(context: CommandContext, experiment: string, options: PaperOptions): Promise<Replay> {
  const { feedAsked } = await import('./paper-command.ts');
  if (feedAsked(options) === 'live') {
    const { liveExperiment } = await import('./live-experiment.ts');
    if (options.broker === 'simulated') return liveExperiment(context, experiment, options);
    // Before anything else: whoever has no keys, or no network, is told so at once.
    const { reachAlpaca } = await import('./venue/venue-plan.ts');
    return liveExperiment(context, experiment, { ...options, venue: await reachAlpaca(context) });
  }
  return (await import('./replay-experiment.ts')).replayExperiment(context, experiment, options);
}
