import type { Command } from 'commander';
import { operatorOf } from '../../audit/operator.ts';
import { addCommand, bindAction } from '../../command.ts';
import { InputError } from '../../errors.ts';

/** Registers `logs level`. */
export function registerLogCommands(program: Command): void {
  const logs = program.command('logs').description('what processes write to their logs').exitOverride();
  const level = addCommand(
    logs,
    'level [module] [level]',
    'set the level of a module in processes that run and those to come (`unset`: as they were started); or show them',
  );
  level.option('--process <NAME>', 'only there: service, worker, session, or session:ID', '*');
  level.option('--reason <TEXT>', 'why: recorded in the audit', '');
  bindAction<{ process: string; reason: string }>(level, async (context, options, module = '', asked = '') => {
    const { setLevel, showLevels } = await import('./level-actions.ts');
    if (module === '') return showLevels(await context.database());
    if (asked === '') throw new InputError(`There is no level for ${module}.`, 'signalbox logs level MODULE LEVEL');
    const actor = operatorOf(context.config);
    return setLevel(await context.database(), { module, level: asked, actor, ...options });
  });
}
