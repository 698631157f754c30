import type { Parameters } from './search-schema.ts';

/** A configuration that was tried on one training window. */
export interface DoneTrial {
  readonly trial: number;
  readonly rung: number;
  readonly parameters: Parameters;
  /** Larger is better; null where it could not be computed. */
  readonly objective: number | null;
}

/** Best first; of equals the earlier trial. A null objective is worse than any number. */
export function bestFirst<Trial extends DoneTrial>(trials: readonly Trial[]): Trial[] {
  const worth = ({ objective }: DoneTrial): number => objective ?? -Infinity;
  return [...trials].sort((a, b) => (worth(a) === worth(b) ? a.trial - b.trial : worth(b) - worth(a)));
}
