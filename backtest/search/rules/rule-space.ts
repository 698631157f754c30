import { InputError } from '../../../infra/errors.ts';
import { namedStrategy } from '../../../trading/strategies/own/named-strategy.ts';
import type { ParameterAxis } from './parameter-axes.ts';
import type { RuleParameters } from './rule-trial.ts';

/** A place in a space: the position of a value on each axis. */
export type Place = readonly number[];

/** Names a place. */
export const keyOf = (place: Place): string => place.join(',');

export interface SpaceOptions {
  /** Parameters that are not searched. */
  readonly fixed?: RuleParameters;
  /**
   * Throws InputError for parameters that the strategy refuses; by default what the strategy of that name or file says.
   */
  readonly check?: (parameters: RuleParameters) => void;
}

/** Places that are looked at to find a first that the strategy takes. */
const LOOKED_AT = 10_000;

/** Every combination of values of some parameters of a strategy; what it refuses (fast above slow) is apart. */
export class RuleSpace {
  readonly axes: readonly ParameterAxis[];
  readonly strategy: string;
  /** Combinations, refused ones included. */
  readonly size: number;
  /** The first place that the strategy takes. */
  readonly first: Place = [];
  readonly #fixed: RuleParameters;
  readonly #check: (parameters: RuleParameters) => void;
  readonly #taken = new Map<string, boolean>();
  #refusal = '';

  /** @throws InputError for a strategy or parameter that there is not, and where the strategy takes no combination */
  constructor(
    strategy: string,
    axes: readonly ParameterAxis[],
    { fixed = {}, check = (given) => void namedStrategy(strategy, given) }: SpaceOptions = {},
  ) {
    this.strategy = strategy;
    this.#check = check;
    this.axes = axes;
    this.#fixed = fixed;
    const both = axes.find(({ name }) => fixed[name] !== undefined);
    if (both !== undefined) throw new InputError(`${both.name} is in --set and in --range.`, 'Keep one of them.');
    this.size = axes.reduce((product, { values }) => product * values.length, 1);
    let first: unknown = null;
    for (let at = 0; at < Math.min(this.size, LOOKED_AT); at++) {
      try {
        this.first = this.placeOf(at);
        check(this.parametersAt(this.first));
        return;
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  /** The place with a number from 0 to `size`, the last axis running fastest. */
  placeOf(number: number): Place {
    const place = new Array<number>(this.axes.length);
    let rest = number;
    for (let axis = this.axes.length - 1; axis >= 0; axis--) {
      const { length } = this.axes[axis]!.values;
      place[axis] = rest % length;
      rest = Math.floor(rest / length);
    }
    return place;
  }

  /** What is fixed and what the place says. */
  parametersAt(place: Place): RuleParameters {
    return { ...this.#fixed, ...this.valuesAt(place) };
  }

  /** What the place says alone. */
  valuesAt(place: Place): RuleParameters {
    return Object.fromEntries(this.axes.map(({ name, values }, axis) => [name, values[place[axis]!]!]));
  }

  /** Whether the strategy takes the combination. */
  takes(place: Place): boolean {
    const key = keyOf(place);
    let taken = this.#taken.get(key);
    if (taken === undefined) {
      taken = this.#isTaken(place);
      this.#taken.set(key, taken);
    }
    return taken;
  }

  /** Why the last refused combination was refused, in the strategy's words. */
  get refusal(): string {
    return this.#refusal;
  }

  /** All combinations that the strategy takes, in order. Only for spaces that can be searched whole. */
  all(): Place[] {
    const places: Place[] = [];
    for (let number = 0; number < this.size; number++) {
      const place = this.placeOf(number);
      if (this.takes(place)) places.push(place);
    }
    return places;
  }

  #isTaken(place: Place): boolean {
    try {
      this.#check(this.parametersAt(place));
      return true;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#refusal = error.message;
      return false;
    }
  }
}
