import type { SeriesKernel } from '../../features/kernel.ts';
import type { BarView } from '../bar-view.ts';
import { memoryOf } from './memory.ts';
import { HOLD, type Remembering, type Signal } from './strategy.ts';

/** What a strategy of zones says at each edge. */
export interface ZoneEdges {
  /** Acts on the first bar with `measure` inside this zone, the bar before having been outside. */
  readonly buy: { readonly inside: (measure: number) => boolean; readonly signal: Signal };
  readonly sell: { readonly inside: (measure: number) => boolean; readonly signal: Signal };
}

/**
 * Acts when a measure enters a zone, once per entry. NaN, while warming up, is outside both zones and no previous bar:
 * the first bar with a measure only says where it starts.
 *
 * @param kernel what the measure remembers
 */
export function zoneStrategy(
  measure: (view: BarView) => number,
  { buy, sell }: ZoneEdges,
  kernel: SeriesKernel,
): Remembering {
  const hold = HOLD;
  const kept = { previous: NaN, kernel };
  return {
    ...memoryOf(kept),
    decide(view): Signal {
      const now = measure(view);
      const before = kept.previous;
      kept.previous = now;
      if (Number.isNaN(before) || Number.isNaN(now)) return hold;
      if (buy.inside(now) && !buy.inside(before)) return buy.signal;
      if (sell.inside(now) && !sell.inside(before)) return sell.signal;
      return hold;
    },
  };
}
