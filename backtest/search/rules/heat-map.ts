import { suggest } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import type { ParameterAxis } from './parameter-axes.ts';
import type { PlacedTrial } from './rule-search.ts';

/** The best worth over all other parameters at each pair of values of two; null where nothing may be chosen. */
export interface HeatMap {
  readonly x: ParameterAxis;
  readonly y: ParameterAxis;
  /** `cells[row][column]`: rows are values of `y`, columns those of `x`. */
  readonly cells: readonly (readonly (number | null)[])[];
}

/**
 * The heat map of two parameters: those named (`x,y`), by default the first two that have more than one value. Null
 * where there are no two. InputError names an unknown parameter and the nearest one.
 */
export function heatMapOf(
  axes: readonly ParameterAxis[],
  tried: readonly PlacedTrial[],
  named: string | undefined,
): HeatMap | null {
  const pair = heatMapAxes(axes, named);
  if (pair === null) return null;
  const [x, y] = pair;
  const cells = axes[y]!.values.map(() => axes[x]!.values.map((): number | null => null));
  for (const { place, worth } of tried) {
    const row = cells[place[y]!]!;
    const before = row[place[x]!]!;
    if (worth !== null && (before === null || worth > before)) row[place[x]!] = worth;
  }
  return { x: axes[x]!, y: axes[y]!, cells };
}

/** Positions of the two axes; checked before anything is run. */
export function heatMapAxes(axes: readonly ParameterAxis[], named: string | undefined): [number, number] | null {
  if (named === undefined) {
    const [x, y] = axes.flatMap(({ values }, axis) => (values.length > 1 ? [axis] : []));
    return x === undefined || y === undefined ? null : [x, y];
  }
  const wanted = named.split(',').map((part) => part.trim());
  const names = axes.map(({ name }) => name);
  const [x, y] = wanted.map((name) => {
    if (names.includes(name)) return names.indexOf(name);
    throw new InputError(`--heat-map: ${name} is not searched.`, suggest(name, names));
  });
  if (wanted.length !== 2 || x === undefined || y === undefined || x === y) {
    throw new InputError(`--heat-map ${named}: not two parameters.`, 'Name two of --range, as fast,slow.');
  }
  return [x, y];
}
