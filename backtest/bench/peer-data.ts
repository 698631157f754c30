import { DAY_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { mulberry32 } from '../../models/estimators/known-tables.ts';

// The data that the peers are measured on (peer-bench), generated here: only + - x / and floor, so the bytes are equal
// wherever they are made. `peer-data.test.ts` compares their SHA-256 with the published ones.

type Uniform = ReturnType<typeof mulberry32>;

/** Standard deviate from four uniforms, scaled by sqrt(3). */
const deviate = (uniform: Uniform): number => (uniform() + uniform() + uniform() + uniform() - 2) * 1.7320508075688772;

const toTick = (price: number): number => Math.floor(price * 100 + 0.5) / 100;

interface WalkOptions {
  readonly symbol: string;
  readonly length: number;
  readonly seed: number;
  /** Standard deviation of one bar's return. */
  readonly sigma: number;
  readonly fromMs: number;
  readonly barMs: number;
  /** Drift of a regime, in sigmas. */
  readonly drift: number;
}

/** A mean-pulled random walk with two drift regimes, prices on a tick of 0.01. */
function walk(options: WalkOptions): BarColumns {
  const { sigma, barMs } = options;
  const uniform = mulberry32(options.seed);
  const bars = createBarColumns(options.symbol, options.length);
  let price = 100;
  let regime = 1;
  for (let i = 0; i < options.length; i++) {
    const z = deviate(uniform);
    if (uniform() < 1 / 150) regime = -regime;
    const open = toTick(price * (1 + sigma * 0.2 * (uniform() - 0.5)));
    price = price * (1 + (sigma * (z + options.drift * regime) + 1e-6 * (100 - price)));
    const close = toTick(price);
    bars.high[i] = toTick(Math.max(open, close) * (1 + sigma * uniform()));
    bars.low[i] = toTick(Math.min(open, close) * (1 - sigma * uniform()));
    const spread = uniform();
    bars.openTimeMs[i] = options.fromMs + i * barMs;
    bars.closeTimeMs[i] = options.fromMs + (i + 1) * barMs;
    bars.open[i] = open;
    bars.close[i] = close;
    bars.volume[i] = Math.floor(100 + 9900 * spread * spread);
  }
  return bars;
}

/** One-minute bars from 2020-01-01, the peers' `bars1m` (1,000,000 rows there). */
export function minuteBars(length = 1_000_000): BarColumns {
  return walk({
    symbol: 'PEER',
    length,
    seed: 42,
    sigma: 0.0008,
    fromMs: 1577836800000,
    barMs: MINUTE_MS,
    drift: 0.12,
  });
}

/** Daily bars of 50 symbols from 2000-01-01, the peers' `panel` (5,000 rows each). */
export function panelBars(symbols = 50, length = 5_000): BarColumns[] {
  return Array.from({ length: symbols }, (_, index) =>
    walk({
      symbol: `P${String(index).padStart(2, '0')}`,
      length,
      seed: 1000 + index,
      sigma: 0.01,
      fromMs: 946684800000,
      barMs: DAY_MS,
      drift: 0.1,
    }),
  );
}
