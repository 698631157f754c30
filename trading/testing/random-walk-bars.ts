import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { createRandom } from '../../infra/random.ts';

const START_MS = 1_577_836_800_000;

/**
 * A seeded walk for tests: prices on a 0.01 tick around 100, closes that tie often, opens that gap. `barMs` defaults to
 * a minute.
 */
export function randomWalkBars(
  symbol: string,
  length: number,
  options: { seed: number | string; sigma?: number; barMs?: number },
): BarColumns {
  const { seed, sigma = 0.001, barMs = 60_000 } = options;
  const random = createRandom(`${seed}/${symbol}`);
  const bars = createBarColumns(symbol, length);
  const toTick = (price: number): number => Math.round(price * 100) / 100;
  let price = 100;
  for (let bar = 0; bar < length; bar++) {
    const open = toTick(price * (1 + 0.3 * sigma * random.normal()));
    price = Math.max(5, open * (1 + sigma * random.normal()) + 0.0005 * (100 - price));
    const close = toTick(price);
    bars.openTimeMs[bar] = START_MS + bar * barMs;
    bars.closeTimeMs[bar] = START_MS + (bar + 1) * barMs;
    bars.open[bar] = open;
    bars.close[bar] = close;
    bars.high[bar] = toTick(Math.max(open, close) * (1 + sigma * random.next()));
    bars.low[bar] = toTick(Math.min(open, close) * (1 - sigma * random.next()));
    bars.volume[bar] = 100 + random.integer(10_000);
  }
  return bars;
}

/** A test instrument on a 0.01 tick in single units, unless told otherwise. */
export function testInstrument(symbol: string, overrides: Partial<Instrument> = {}): Instrument {
  return { symbol, assetClass: 'simulated', currency: 'USD', tick: 0.01, lot: 1, sector: null, ...overrides };
}
