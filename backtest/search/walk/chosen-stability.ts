import { plural } from '../../number-format.ts';
import type { ParameterAxis } from '../rules/parameter-axes.ts';
import type { RuleParameters } from '../rules/rule-trial.ts';

type Value = RuleParameters[string];

/** What the windows of a walk chose of one parameter. */
export interface ChosenStability {
  readonly parameter: string;
  /** The value that was chosen most often; of equals the one that was chosen first. */
  readonly mostChosen: Value;
  /** Windows that chose it, of those that chose anything. */
  readonly windows: number;
  readonly of: number;
  /** Values that were chosen, and that were searched. */
  readonly distinct: number;
  readonly searched: number;
  /** Windows that chose another value than the one before that chose. */
  readonly changes: number;
}

/**
 * How much the choices of windows agree, for each parameter of which more than one value was searched. Windows that
 * share bars agree for that alone; what jumps from one to the next even so was fitted to chance.
 * @param chosen by window; null where nothing was chosen
 */
export function chosenStability(
  axes: readonly Pick<ParameterAxis, 'name' | 'values'>[],
  chosen: readonly (RuleParameters | null)[],
): ChosenStability[] {
  const found = chosen.filter((one) => one !== null);
  if (found.length === 0) return [];
  return axes.flatMap(({ name, values: { length: searched } }): ChosenStability[] => {
    if (searched < 2) return [];
    const values = found.map((one) => one[name]!);
    const counts = new Map<Value, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    const [mostChosen, windows] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most));
    const changes = values.filter((value, at) => at > 0 && value !== values[at - 1]).length;
    return [{ parameter: name, mostChosen, windows, of: values.length, distinct: counts.size, searched, changes }];
  });
}

/** The same in words. */
export function stabilityWords({
  parameter,
  mostChosen,
  windows,
  of,
  distinct,
  searched,
  changes,
}: ChosenStability): string {
  const most = `${parameter}: ${String(mostChosen)} in ${windows} of ${of} windows`;
  return `${most}; ${distinct} of ${plural(searched, 'value')} chosen, ${plural(changes, 'change')}.`;
}
