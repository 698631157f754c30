import { mean, median } from '../../statistics/moments.ts';
import type { PlacedTrial } from './rule-search.ts';
import { keyOf, type Place } from './rule-space.ts';

/** How good the neighbourhood of a place is: a peak that stands alone is luck more often than one on a plateau. */
export interface Plateau {
  /**
   * Median worth of the neighbours over that of the place, within 0 and 1: 1 where the median neighbour is as good.
   * Null without neighbours that were tried, or where the place itself is worth nothing.
   */
  readonly score: number | null;
  /** Tried places at most one step away on each axis. */
  readonly neighbours: number;
  /** Of them, how many may not be chosen. */
  readonly refused: number;
  /** Mean worth of the place and its neighbours; those that may not be chosen count as 0, or as what is worse. */
  readonly meanWorth: number | null;
  /** Share of the neighbours that are worth at least half as much as the place; null where `score` is. */
  readonly heldShare: number | null;
}

/** A neighbour holds with this part of the worth of a place. */
const HOLDS = 0.5;

/** Worths by place. */
export class PlateauMap {
  readonly #worths: ReadonlyMap<string, number | null>;

  constructor(tried: readonly PlacedTrial[]) {
    this.#worths = new Map(tried.map(({ place, worth }) => [keyOf(place), worth]));
  }

  /** The plateau around a place that was tried. */
  around(place: Place): Plateau {
    const own = this.#worths.get(keyOf(place)) ?? null;
    const found = neighboursOf(place).flatMap((other) => {
      const worth = this.#worths.get(keyOf(other));
      return worth === undefined ? [] : [worth];
    });
    const counted = found.map((worth) => worth ?? Math.min(0, own ?? 0));
    const comparable = own !== null && own > 0 && found.length > 0;
    const held = counted.filter((worth) => comparable && worth >= HOLDS * own).length;
    return {
      score: comparable ? clamp(median(counted) / own) : null,
      neighbours: found.length,
      refused: found.filter((worth) => worth === null).length,
      meanWorth: own === null ? null : mean([own, ...counted]),
      heldShare: comparable ? held / found.length : null,
    };
  }
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/** Places one step away, corners included. */
function neighboursOf(place: Place): Place[] {
  let places: number[][] = [[]];
  for (const position of place) places = places.flatMap((some) => [-1, 0, 1].map((step) => [...some, position + step]));
  return places.filter((other) => other.some((position, axis) => position !== place[axis]));
}

/** The place whose neighbourhood is best on average, itself included; the earlier of equals. */
export function steadiestOf(tried: readonly PlacedTrial[], plateaus: PlateauMap): PlacedTrial | null {
  let best: PlacedTrial | null = null;
  let most = -Infinity;
  for (const one of tried) {
    const { meanWorth, neighbours } = plateaus.around(one.place);
    if (meanWorth === null || neighbours === 0 || meanWorth <= most) continue;
    most = meanWorth;
    best = one;
  }
  return best;
}
