import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';

/** Registers `plan register` and `plan show`. */
export function registerPlanCommands(program: Command): void {
  const plan = program.command('plan').description('what is going to be looked for, kept before anybody looks');
  const register = addCommand(plan, 'register <file>', 'keep a plan: hypothesis, measure, least effect, most trials');
  bindAction<object>(register, async (context, _options, file) =>
    (await import('./plan-commands.ts')).registerPlanCommand(context, file!),
  );
  const show = addCommand(plan, 'show [experiment]', 'plans of an experiment, or all, beside what was done');
  bindAction<object>(show, async (context, _options, experiment) =>
    (await import('./plan-commands.ts')).showPlansCommand(context, experiment ?? ''),
  );
}
