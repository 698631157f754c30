import { DAY_MS, timeframeMs } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import type { ExecutionRule } from './execution-schema.ts';
import type { Experiment } from '../experiment.ts';
import { namedExecutions } from './named-executions.ts';

/** Its orders may rest, and would hold what a stop is to sell. */
function mayRest({ kind, maxSlippageBps }: ExecutionRule): boolean {
  return kind === 'chase' || kind === 'maker' || maxSlippageBps !== undefined;
}

/** What of `execution` contradicts the rest of the experiment. @throws InputError that names the key and the remedy */
export function requireExecution(path: string, experiment: Experiment): void {
  const { protection, data } = experiment;
  for (const { key, rules } of namedExecutions(experiment)) {
    for (const name of ['entry', 'exit'] as const) {
      const rule = rules[name];
      if (rule?.kind === 'vwap' && timeframeMs(data.timeframe) >= DAY_MS) {
        throw new InputError(
          `${path}: ${key}.${name}: vwap spreads an order as the volume of a day is, and bars of ${data.timeframe} do ` +
            'not say',
          'Use twap, or bars that are shorter than a day.',
        );
      }
    }
    if (protection !== undefined && rules.exit !== undefined && mayRest(rules.exit)) {
      throw new InputError(
        `${path}: ${key}.exit: an exit that rests holds the units that protection is to sell`,
        'Use twap, vwap or participation without maxSlippageBps, or leave exit out.',
      );
    }
  }
}
