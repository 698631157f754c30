import type { BarColumns } from '../../features/bar.ts';
import type { Random } from '../../infra/random.ts';

const BPS = 1e-4;

/**
 * The same bars with each price moved by itself by a normal deviate of `bps` basis points; highs and lows still hold
 * open and close between them. The noise of a bar is its own: prices do not wander off. Times and volumes stay.
 */
export function perturbBars(bars: BarColumns, { bps, random }: { bps: number; random: Random }): BarColumns {
  const moved = (price: number): number => price * Math.max(0.5, 1 + bps * BPS * random.normal());
  const open = bars.open.slice(0, bars.length);
  const high = bars.high.slice(0, bars.length);
  const low = bars.low.slice(0, bars.length);
  const close = bars.close.slice(0, bars.length);
  for (let at = 0; at < bars.length; at++) {
    open[at] = moved(open[at]!);
    close[at] = moved(close[at]!);
    high[at] = Math.max(moved(high[at]!), open[at]!, close[at]!);
    low[at] = Math.min(moved(low[at]!), open[at]!, close[at]!);
  }
  return { ...bars, open, high, low, close };
}
