import type { BarColumns } from '../../../features/bar.ts';
import { dailyBars } from '../../../features/feature-contract.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';

/** Bars that a file is tried on. */
export interface VerifiedBars {
  readonly name: string;
  readonly bars: BarColumns;
}

const QUIET_LEVEL = 50;

/**
 * Markets as they come: moving, standing still without volume, of coins that cost next to nothing and of prices with
 * many digits. Division by a range, a change or a volume that is 0 shows here.
 */
export function verifiedBars(length: number): readonly [VerifiedBars, ...VerifiedBars[]] {
  const usual = plantedBars({ symbol: 'AAA', bars: length, seed: 3, correlation: 0.1 });
  const scaled = (factor: number): BarColumns =>
    dailyBars('AAA', length, (row) => {
      const prices = [usual.open[row]!, usual.high[row]!, usual.low[row]!, usual.close[row]!];
      return [...prices.map((price) => price * factor), usual.volume[row]!];
    });
  const still = dailyBars('AAA', length, () => [QUIET_LEVEL, QUIET_LEVEL, QUIET_LEVEL, QUIET_LEVEL, 0]);
  return [
    { name: 'bars that move', bars: usual },
    { name: 'bars that stand still, without volume', bars: still },
    { name: 'bars of tiny prices', bars: scaled(1e-9) },
    { name: 'bars of large prices', bars: scaled(1e9) },
  ];
}
