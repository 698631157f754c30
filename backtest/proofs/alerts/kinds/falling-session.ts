import { createBarColumns, type BarColumns } from '../../../../features/bar.ts';
import { HOUR_MS } from '../../../../features/timeframe.ts';
import type { Strategy } from '../../../../trading/strategies/strategy.ts';
import { spoken } from '../../../../trading/testing/venue/session-in-hand.ts';
import type { CausePlace } from './alert-cause.ts';
import { runSession } from './run-session.ts';

const START_MS = Date.UTC(2026, 2, 2, 15);
const STEP_MS = 10;
const CLOSES = [100, 100, 100, 100, 75, 75];
const DECIDES_MS = 60;

/** Bars that are soon there; the last is one that a session waits for. */
function fallingBars(): BarColumns {
  const bars = createBarColumns('AAA', CLOSES.length + 1);
  for (let bar = 0; bar <= CLOSES.length; bar++) {
    const price = CLOSES[bar] ?? CLOSES.at(-1)!;
    bars.openTimeMs[bar] = START_MS + bar * STEP_MS;
    bars.closeTimeMs[bar] = START_MS + (bar + 1) * STEP_MS + (bar === CLOSES.length ? 5 * HOUR_MS : 0);
    bars.open[bar] = bars.high[bar] = bars.low[bar] = bars.close[bar] = price;
    bars.volume[bar] = 1_000_000;
  }
  return bars;
}

/** Buys at the second bar, and takes its time to say so. */
function slowly(): Strategy {
  const strategy = spoken(['HOLD', 'BUY']);
  return {
    ...strategy,
    forSymbol: (symbol) => {
      const own = strategy.forSymbol(symbol);
      const decide: typeof own.decide = (view) => {
        const beganMs = performance.now();
        while (performance.now() - beganMs < DECIDES_MS);
        return own.decide(view);
      };
      return { ...own, decide };
    },
  };
}

/** A paper session that has put 95 % of its capital into a share, which then loses a quarter. It runs on. */
export const fallingSession = (place: CausePlace): void =>
  runSession(place, { id: 'falling', bars: fallingBars(), strategy: slowly(), units: 950 });
