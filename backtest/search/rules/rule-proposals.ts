import { createRandom, type Random } from '../../../infra/random.ts';
import { bestFirst } from '../../../models/search/done-trial.ts';
import type { RuleMethod } from '../../../models/search/rule-search-schema.ts';
import { proposeByDensity } from '../../../models/search/parzen-estimator.ts';
import { searchSchema, type SearchSettings } from '../../../models/search/search-schema.ts';
import { keyOf, type Place, type RuleSpace } from './rule-space.ts';

export interface ProposalSettings {
  readonly method: RuleMethod;
  /** Most trials; the grid takes all there are. */
  readonly trials: number;
  readonly seed: number;
}

/** A place that was tried; a null worth is worse than any number. */
export interface TriedPlace {
  readonly place: Place;
  readonly worth: number | null;
}

/** Trials of a round of a method that does not learn: done rounds are kept when a search is stopped. */
const ROUND = 128;
/** Tried together by a method that learns: enough for the cores of a machine, whatever their number. */
const BATCH = 8;
/** Draws for a place that was not tried before, each time one is wanted. */
const DRAWS_MAX = 200;

/**
 * What is to be tried next; empty at the end. A pure function of what was tried: neither the number of threads nor an
 * interruption changes a proposal.
 */
export function nextPlaces(space: RuleSpace, settings: ProposalSettings, tried: readonly TriedPlace[]): Place[] {
  const { method, trials } = settings;
  if (method === 'grid') return space.all().slice(tried.length, tried.length + ROUND);
  const left = Math.min(trials, space.size) - tried.length;
  if (left <= 0) return [];
  const random = createRandom(`rules ${settings.seed}/${method}/trial ${tried.length}`);
  const fresh = new FreshPlaces(space, tried, random);
  if (method === 'random') return fresh.draw(Math.min(ROUND, left));
  const first = firstRound(trials);
  if (tried.length < first) return fresh.draw(Math.min(first, left));
  return method === 'genetic'
    ? nextGeneration(space, { tried, fresh, random, count: Math.min(first, left) })
    : nextByDensity(space, { tried, fresh, random, count: Math.min(BATCH, left) });
}

/** Drawn at random before anything is learnt, and the size of a generation: twice the root, 8 to 64. */
const firstRound = (trials: number): number => Math.min(64, Math.max(8, Math.round(2 * Math.sqrt(trials))));

/** Places that nobody has tried and the strategy takes. */
class FreshPlaces {
  readonly #space: RuleSpace;
  readonly #random: Random;
  readonly #seen: Set<string>;

  constructor(space: RuleSpace, tried: readonly TriedPlace[], random: Random) {
    this.#space = space;
    this.#random = random;
    this.#seen = new Set(tried.map(({ place }) => keyOf(place)));
  }

  /** Whether a place is fresh; it is not any more afterwards. */
  take(place: Place): boolean {
    const key = keyOf(place);
    if (this.#seen.has(key) || !this.#space.takes(place)) return false;
    this.#seen.add(key);
    return true;
  }

  /** Up to `count` places at random: fewer where there are no more. */
  draw(count: number): Place[] {
    const drawn: Place[] = [];
    while (drawn.length < count) {
      const place = this.#drawOne() ?? this.#next();
      if (place === null) break;
      drawn.push(place);
    }
    return drawn;
  }

  #drawOne(): Place | null {
    for (let draw = 0; draw < DRAWS_MAX; draw++) {
      const place = this.#space.axes.map(({ values }) => this.#random.integer(values.length));
      if (this.take(place)) return place;
    }
    return null;
  }

  /** Nearly everything was tried, or the strategy takes little: the next in order. */
  #next(): Place | null {
    for (let number = 0; number < this.#space.size; number++) {
      const place = this.#space.placeOf(number);
      if (this.take(place)) return place;
    }
    return null;
  }
}

interface Learning {
  readonly tried: readonly TriedPlace[];
  readonly fresh: FreshPlaces;
  readonly random: Random;
  readonly count: number;
}

/**
 * Children of the best tried so far: parents by tournaments of three, each axis from either parent, and on average one
 * axis of a child moved by a step or drawn anew (a steady-state genetic algorithm: Goldberg and Deb, 1991).
 */
function nextGeneration(space: RuleSpace, { tried, fresh, random, count }: Learning): Place[] {
  const ranked = bestFirst(tried.map(({ place, worth }, trial) => ({ trial, place, objective: worth, ...NO_RUNG })));
  const parents = ranked.slice(0, Math.max(2, count)).map(({ place }) => place);
  // The list is sorted: the smallest of three positions is the winner.
  const parent = (): Place => parents[Math.min(...[0, 1, 2].map(() => random.integer(parents.length)))]!;
  const children: Place[] = [];
  for (let draw = 0; draw < DRAWS_MAX && children.length < count; draw++) {
    const [one, other] = [parent(), parent()];
    const child = space.axes.map(({ values }, axis) => {
      const inherited = (random.next() < 0.5 ? one : other)[axis]!;
      return random.next() < 1 / space.axes.length ? mutated(inherited, values.length, random) : inherited;
    });
    if (fresh.take(child)) children.push(child);
  }
  return [...children, ...fresh.draw(count - children.length)];
}

const NO_RUNG = { rung: 0, parameters: {} };

/** One step to either side as often as a value drawn anew. */
function mutated(position: number, values: number, random: Random): number {
  if (random.next() < 0.5) return random.integer(values);
  const step = random.next() < 0.5 ? -1 : 1;
  return Math.min(values - 1, Math.max(0, position + step));
}

/** The search by densities that `optimize` uses for models (`tpe`), over positions on the axes. */
function nextByDensity(space: RuleSpace, { tried, fresh, random, count }: Learning): Place[] {
  const search = densitySettings(space);
  const done = tried.map(({ place, worth }, trial) => ({
    ...{ trial, rung: 0, objective: worth },
    parameters: parametersOf(place),
  }));
  const pending: Record<string, number>[] = [];
  const places: Place[] = [];
  for (let draw = 0; draw < DRAWS_MAX && places.length < count; draw++) {
    const proposed = proposeByDensity(search, { done, pending }, random);
    const place = space.axes.map(({ values }, axis) => (values.length === 1 ? 0 : Number(proposed[`${axis}`])));
    if (!fresh.take(place)) continue;
    places.push(place);
    pending.push(parametersOf(place));
  }
  return [...places, ...fresh.draw(count - places.length)];
}

const parametersOf = (place: Place): Record<string, number> =>
  Object.fromEntries(place.map((position, axis) => [`${axis}`, position]));

/** Positions of numbers are a range; names have no order. */
function densitySettings(space: RuleSpace): SearchSettings {
  const ranges = space.axes.flatMap(({ values }, axis) => {
    if (values.length === 1) return [];
    const positions = values.map((_, at) => at);
    const ordered = values.every((value) => typeof value === 'number');
    return [[`${axis}`, ordered ? { int: [0, values.length - 1] } : { choice: positions }]];
  });
  // A space of single values is tried whole before anything is learnt.
  return searchSchema.parse({ method: 'tpe', space: Object.fromEntries(ranges) });
}
