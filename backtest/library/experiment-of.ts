import { stringify } from 'yaml';
import type { z } from 'zod';
import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import type { Experiment, experimentSchema } from '../../models/experiment/experiment.ts';
import { loadExperiment, parseExperiment } from '../../models/experiment/load-experiment.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import { timeframeOf } from './input-bars.ts';

type Written = z.input<typeof experimentSchema>;

/**
 * An experiment as a program writes it: the keys of the file (`experiments --schema` describes them), of which none is
 * needed. Names, symbols and the size of the bars follow from the bars.
 */
export type ExperimentInput = Partial<Omit<Written, 'universe' | 'data'>>;

/**
 * The experiment that is meant, over bars in memory: a file or a name that comes with the program, or its keys.
 * @throws InputError that names the key at fault and the nearest valid one
 */
export function experimentOf(
  given: string | ExperimentInput,
  bars: readonly BarColumns[],
  calendar: CalendarName,
): Experiment {
  const [universe, timeframe] = [bars.map(({ symbol }) => symbol), timeframeOf(bars)];
  if (typeof given === 'string') {
    const experiment = loadExperiment(given);
    // The bars are those that are given, wherever the file takes its own from.
    return {
      ...experiment,
      universe: universe as [string, ...string[]],
      data: { ...experiment.data, timeframe, calendar },
    };
  }
  const whole = { name: 'in-memory', ...given, universe, data: { source: 'csv', timeframe, calendar } };
  return parseExperiment(stringify(whole), 'experiment');
}

/** @throws InputError where rules trade, in place of what is learned or beside it */
export function requireModelAlone(experiment: Experiment): void {
  if (experiment.strategies === undefined) return;
  throw new InputError(
    'strategies: over bars in memory the model trades alone.',
    'Leave the key out; give a rule or a strategy of your own to backtest(); or run `signalbox walk-forward`.',
  );
}
