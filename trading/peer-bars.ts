import { createBarColumns, type BarColumns } from '../features/bar.ts';

const START_MS = 1_577_836_800_000;
const MINUTE_MS = 60_000;
/** Sum of four uniforms, centred, scaled to unit variance. */
const UNIT = 1.7320508075688772;

/** mulberry32 (Tommy Ettinger, public domain): the generator of the peers' data files, which these bars must equal to the bit. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const toTick = (price: number): number => Math.floor(price * 100 + 0.5) / 100;

/**
 * The first `count` one-minute bars of the benchmark that other engines are measured with: a price in regimes, on a tick of 0.01,
 * from seed 42 and + - x / alone.
 */
export function peerBars(count: number): BarColumns {
  const uniform = mulberry32(42);
  const sigma = 0.0008;
  const bars = createBarColumns('PEER', count);
  let price = 100;
  let regime = 1;
  for (let bar = 0; bar < count; bar++) {
    const normal = (uniform() + uniform() + uniform() + uniform() - 2) * UNIT;
    if (uniform() < 1 / 150) regime = -regime;
    const open = toTick(price * (1 + sigma * 0.2 * (uniform() - 0.5)));
    price = price * (1 + (sigma * (normal + 0.12 * regime) + 1e-6 * (100 - price)));
    const close = toTick(price);
    bars.openTimeMs[bar] = START_MS + bar * MINUTE_MS;
    bars.closeTimeMs[bar] = START_MS + (bar + 1) * MINUTE_MS;
    bars.open[bar] = open;
    bars.close[bar] = close;
    bars.high[bar] = toTick(Math.max(open, close) * (1 + sigma * uniform()));
    bars.low[bar] = toTick(Math.min(open, close) * (1 - sigma * uniform()));
    const size = uniform();
    bars.volume[bar] = Math.floor(100 + 9900 * size * size);
  }
  return bars;
}
