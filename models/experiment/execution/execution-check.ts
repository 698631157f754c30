import { DAY_MS, timeframeMs } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import type { ExecutionRule } from './execution-schema.ts';
import type { Experiment } from '../experiment.ts';

/** Its orders may rest, and would hold what a stop is to sell. */
function mayRest({ kind, maxSlippageBps }: ExecutionRule): boolean {
  return kind === 'chase' || kind === 'maker' || maxSlippageBps !== undefined;
}

/** What of `execution` contradicts the rest of the experiment. @throws InputError that names the key and the remedy */
export function requireExecution(path: string, experiment: Experiment): void {
  const { execution, protection, data, strategies = [] } = experiment;
  if (execution === undefined) return;
  const shared = strategies.length > 1 || strategies.some((one) => one.allocation !== 1 || one.limits !== undefined);
  if (shared || strategies.some(({ timeframe }) => timeframe !== undefined)) {
    throw new InputError(
      `${path}: execution: an order in parts belongs to the whole account, and these strategies share it ` +
        '(several, or one with an allocation, limits or a timeframe): the next signal of one of them could not end its ' +
        "parts without the others', so their orders leave at once",
      'Leave it out, or give the strategy an experiment of its own, without allocation, limits and timeframe.',
    );
  }
  for (const key of ['entry', 'exit'] as const) {
    const rule = execution[key];
    if (rule?.kind === 'vwap' && timeframeMs(data.timeframe) >= DAY_MS) {
      throw new InputError(
        `${path}: execution.${key}: vwap spreads an order as the volume of a day is, and bars of ${data.timeframe} do not say`,
        'Use twap, or bars that are shorter than a day.',
      );
    }
  }
  if (protection !== undefined && execution.exit !== undefined && mayRest(execution.exit)) {
    throw new InputError(
      `${path}: execution.exit: an exit that rests holds the units that protection is to sell`,
      'Use twap, vwap or participation without maxSlippageBps, or leave exit out.',
    );
  }
}
