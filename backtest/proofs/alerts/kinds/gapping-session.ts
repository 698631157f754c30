import { createBarColumns, type BarColumns } from '../../../../features/bar.ts';
import { HOUR_MS } from '../../../../features/timeframe.ts';
import { createRandom } from '../../../../infra/random.ts';
import { spoken } from '../../../../trading/testing/venue/session-in-hand.ts';
import type { CausePlace } from './alert-cause.ts';
import { runSession } from './run-session.ts';

const STEP_MS = 10;
const BARS = 45;

/** Bars from a moment on whose opens are a hair from the close before, but the last of them; then one to wait for. */
function gappingBars(startMs: number): BarColumns {
  const random = createRandom('gapping');
  const bars = createBarColumns('AAA', BARS + 1);
  let price = 100;
  for (let bar = 0; bar <= BARS; bar++) {
    bars.openTimeMs[bar] = startMs + bar * STEP_MS;
    bars.closeTimeMs[bar] = startMs + (bar + 1) * STEP_MS + (bar === BARS ? 5 * HOUR_MS : 0);
    price *= bar === BARS - 1 ? 1.1 : 1 + 0.0002 * random.normal();
    bars.open[bar] = bars.high[bar] = bars.low[bar] = bars.close[bar] = price;
    bars.volume[bar] = 1_000_000;
  }
  return bars;
}

/** A paper session that buys and sells by turns, bar by bar; the last purchase is filled a tenth above its price. */
export function gappingSession(place: CausePlace): void {
  const words = Array.from({ length: BARS - 1 }, (_, bar) =>
    bar % 2 === BARS % 2 ? ('BUY' as const) : ('SELL' as const),
  );
  const bars = gappingBars(place.clock.now());
  runSession(place, { id: 'gapping', bars, strategy: spoken(words), units: 10 });
}
