import type { Command } from 'commander';
import { addCommand, bindAction } from '../../../infra/command.ts';

/** Registers `estimators`: what may learn, and with which parameters. */
export function registerEstimatorCommands(program: Command): void {
  const estimators = program.command('estimators').description('what estimators there are, and their parameters');
  const list = addCommand(estimators, 'list', 'every estimator with its parameters and defaults', { isDefault: true });
  bindAction<object>(list, async () => (await import('./estimators-output.ts')).estimatorsOutput());
  const show = addCommand(
    estimators,
    'show <estimator>',
    'one estimator, or a file, with the bounds of its parameters',
  );
  bindAction<object>(show, async (_context, _options, name) =>
    (await import('./estimators-output.ts')).estimatorOutput(name!),
  );
}
