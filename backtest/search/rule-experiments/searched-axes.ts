import { InputError } from '../../../infra/errors.ts';
import type { ParameterRange, SearchSection } from '../../../models/search/search-schema.ts';
import type { ParameterAxis } from '../rules/parameter-axes.ts';

/** Values that a range is cut into where it says no step. */
const STEPS = 10;
/** Whole numbers that are all tried. */
const ALL_MAX = 2 * STEPS;
/** Values that one parameter may have. */
const VALUES_MAX = 10_000;
/** Digits that a step keeps: 1 + 2 x 0.1 is 1.2 and not 1.2000000000000002. */
const DIGITS = 12;

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
  if (step !== undefined) return stepped(name, { from, to, step });
  const values = cut(whole && to - from <= ALL_MAX ? to - from : STEPS, (share) => from + share * (to - from));
  return whole ? values.map(Math.round) : values;
}

function cut(parts: number, at: (share: number) => number): number[] {
  return Array.from({ length: parts + 1 }, (_, part) => Number(at(part / parts).toPrecision(DIGITS)));
}

function stepped(name: string, { from, to, step }: { from: number; to: number; step: number }): number[] {
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > VALUES_MAX) {
    throw new InputError(
      `search.space.${name} has ${count} values, and ${VALUES_MAX} are the most.`,
      'Take a larger step.',
    );
  }
  return Array.from({ length: count }, (_, at) => Number((from + at * step).toPrecision(DIGITS)));
}
