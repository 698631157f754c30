import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';

/** Bars before the market changes, and in all. */
export const CALM_BARS = 900;
export const ALL_BARS = 1300;

/** Bars whose effect turns round and whose moves triple after `CALM_BARS`. */
export function driftingBars(): BarColumns {
  const calm = plantedBars({ symbol: 'MADE', bars: ALL_BARS, seed: 31, correlation: 0.3 });
  const wild = plantedBars({ symbol: 'MADE', bars: ALL_BARS, seed: 32, correlation: -0.3, volatility: 0.03 });
  const bars = createBarColumns('MADE', ALL_BARS);
  const scale = calm.close[CALM_BARS - 1]! / wild.close[CALM_BARS - 1]!;
  for (let bar = 0; bar < ALL_BARS; bar++) {
    for (const name of ['openTimeMs', 'closeTimeMs', 'volume'] as const) bars[name][bar] = calm[name][bar]!;
    for (const name of ['open', 'high', 'low', 'close'] as const) {
      bars[name][bar] = bar < CALM_BARS ? calm[name][bar]! : wild[name][bar]! * scale;
    }
  }
  return bars;
}
