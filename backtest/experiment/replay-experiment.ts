import type { CommandContext } from '../../infra/command.ts';
import type { Replay } from '../../trading/sessions/paper-command.ts';
import { experimentSession, sessionDefinition } from './experiment-backtest.ts';
import { trainPrepared } from './run-experiment.ts';

/** An experiment as a paper session over its own out-of-sample bars: trained where it is not, then replayed. */
export async function replayExperiment(context: CommandContext, experiment: string): Promise<Replay> {
  const { prepared, trained } = await trainPrepared(context, { experiment, fresh: false });
  const { bars, ...options } = experimentSession(prepared, trained);
  return { bars, options, session: sessionDefinition(prepared, trained, 'paper') };
}
