import type { EnsembleExplanation, ExplainedFeature, ExplainedSide } from './ensemble-explanation.ts';
import { sideText } from './explain-side.ts';

/** Features in the order of what they add or take away, the largest first; ties in the model's order. */
export function byContribution({ features }: EnsembleExplanation): ExplainedFeature[] {
  return [...features].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

/** `high`, `low` or `usual` beside the training rows; `missing` without a value. */
export function levelOf({ distance }: Pick<ExplainedFeature, 'distance'>): string {
  if (Number.isNaN(distance)) return 'missing';
  if (Math.abs(distance) < 0.5) return 'usual';
  return `${Math.abs(distance) >= 2 ? 'very ' : ''}${distance > 0 ? 'high' : 'low'}`;
}

export function signed(value: number, digits = 3): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(digits)}`;
}

/** Reasons that are told of a prediction. */
export const REASONS = 3;

/**
 * What moved a score most of what it is offered: the largest, the first of equal ones first; what moved nothing is left
 * out.
 */
export class LargestMoves {
  readonly #count: number;
  readonly #sizes: number[] = [];
  readonly #places: number[] = [];

  /** @param count how many of them are kept */
  constructor(count: number) {
    this.#count = count;
  }

  offer(size: number, place: number): void {
    if (size === 0) return;
    const sizes = this.#sizes;
    let at = sizes.length;
    while (at > 0 && Math.abs(size) > Math.abs(sizes[at - 1]!)) at--;
    if (at === this.#count) return;
    sizes.splice(at, 0, size);
    this.#places.splice(at, 0, place);
    if (sizes.length <= this.#count) return;
    sizes.pop();
    this.#places.pop();
  }

  list(nameOf: (place: number) => string): string {
    return this.#places.map((place, k) => `${nameOf(place)} ${signed(this.#sizes[k]!)}`).join(', ');
  }
}

/** Side and moves in one line. */
export function reasonsText(side: ExplainedSide | null, moved: string): string {
  return [sideText(side), moved].filter((text) => text !== '').join('; ');
}

/**
 * The `count` features that moved a score most, in one line: `rsi(14) low +0.031, return(5) very high -0.020`. Before
 * them the side of the primary model, where there is one.
 */
export function topReasons({ features, members, side }: EnsembleExplanation, count = REASONS): string {
  const moved = new LargestMoves(count);
  features.forEach(({ contribution }, j) => moved.offer(contribution, j));
  members.forEach(({ method, share }, m) => {
    if (method === 'undivided') moved.offer(share, features.length + m);
  });
  const nameOf = (at: number): string => {
    const feature = features[at];
    return feature === undefined
      ? `${members[at - features.length]!.name} as a whole`
      : `${feature.name} ${levelOf(feature)}`;
  };
  return reasonsText(side ?? null, moved.list(nameOf));
}
