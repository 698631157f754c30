import { InputError } from '../../../infra/errors.ts';
import type { ParameterRange, SearchSection } from '../../../models/search/search-schema.ts';
import { rounded, steppedValues, type ParameterAxis } from '../rules/parameter-axes.ts';

/** Values that a range is cut into where it says no step. */
const STEPS = 10;
/** Whole numbers that are all tried. */
const ALL_MAX = 2 * STEPS;

/**
 * The values of each address of a `search.space`: every choice; from the first to the second by its step; else every
 * whole number of a short range, and eleven values, evenly or in their logarithm, of any other.
 * @throws InputError with the address of a range that has too many
 */
export function searchedAxes({ space }: Pick<SearchSection, 'space'>): ParameterAxis[] {
  return Object.entries(space).map(([name, range]) => ({ name, values: [...new Set(valuesOf(name, range))] }));
}

function valuesOf(name: string, { int, float, log, choice, step }: ParameterRange): ParameterAxis['values'] {
  if (choice !== undefined) return choice;
  const [from, to] = (int ?? float ?? log)!;
  if (log !== undefined) return cut(STEPS, (share) => from * (to / from) ** share);
  const whole = int !== undefined;
  if (step !== undefined) {
    const refused = (why: string): InputError => new InputError(`search.space.${name} ${why}.`, 'Take a larger step.');
    return steppedValues({ from, to, step }, refused);
  }
  const values = cut(whole && to - from <= ALL_MAX ? to - from : STEPS, (share) => from + share * (to - from));
  return whole ? values.map(Math.round) : values;
}

function cut(parts: number, at: (share: number) => number): number[] {
  return Array.from({ length: parts + 1 }, (_, part) => rounded(at(part / parts)));
}
