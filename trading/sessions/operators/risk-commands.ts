import type { Command } from 'commander';
import { addCommand, bindAction } from '../../../infra/command.ts';
import type { LimitsAsked } from './risk-output.ts';

/** Registers `risk show` and `risk set`. */
export function registerRiskCommands(program: Command): void {
  const risk = program.command('risk').description('limits of a session while it runs').exitOverride();
  const shown = addCommand(risk, 'show', 'the limits of a session, and changes that it has yet to take up');
  shown.option('--session <ID>', 'of this session (default: the newest that runs, or else ran)');
  bindAction<{ session?: string }>(shown, async (context, { session }) =>
    (await import('./risk-output.ts')).showLimits(await context.database(), session),
  );
  const set = addCommand(risk, 'set', 'change limits of a session: tighter ones hold at once, wider ones need consent');
  set
    .requiredOption('--session <ID>', 'of this session')
    .requiredOption('--limit <name=value...>', 'limits by name, null for none; `leverage=2 valueAtRisk.amount=500`')
    .requiredOption('--reason <TEXT>', 'why: recorded in the audit')
    .option('--consent <TEXT>', 'loosen ID, typed whole, where a limit becomes wider');
  bindAction<LimitsAsked>(set, async (context, options) =>
    (await import('./risk-output.ts')).setLimits(context, options),
  );
}

/** Adds `audit order` to the audit's commands. */
export function registerOrderTrail(program: Command): void {
  const audit = program.commands.find((command) => command.name() === 'audit') ?? program.command('audit');
  const trail = addCommand(audit, 'order <ID>', 'from an order, by number or venue id, to all it rests on');
  trail.option('--session <ID>', 'of this session, or a backtest (default: the newest that runs, or else ran)');
  bindAction<{ session?: string }>(trail, async (context, { session }, id) =>
    (await import('./order-trail.ts')).orderTrail(await context.database(), id!, session),
  );
}
