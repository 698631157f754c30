import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { AskedOutcomes } from './outcomes/outcomes-output.ts';

/** Registers `publish` and `outcomes`. */
export function registerSignalCommands(program: Command): void {
  const publish = addCommand(program, 'publish', 'recorded signals that Redis was not told of, to its streams');
  publish.option('--session <ID>', 'only this session (default: every session that trades or traded)');
  bindAction<{ session?: string }>(publish, async (context, { session }) => {
    return (await import('./publishing/publish-signals.ts')).publishSignals(context, session);
  });
  const outcomes = addCommand(
    program,
    'outcomes',
    'what came of signals and predictions: hit rate and mean return by class',
  );
  outcomes.option('--session <ID>', 'of this session (default: every session that trades or traded)');
  outcomes.option('--experiment <NAME>', 'of the predictions of its registered versions instead');
  bindAction<AskedOutcomes>(outcomes, async (context, asked) => {
    return (await import('./outcomes/outcomes-output.ts')).outcomesOutput(await context.database(), asked);
  });
}
