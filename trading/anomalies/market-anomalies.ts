import { exp, log } from '../../features/arithmetic.ts';
import type { BarColumns } from '../../features/bar.ts';
import { newYorkLocalMs } from '../../features/new-york-clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../features/timeframe.ts';
import type { Anomaly } from './anomaly.ts';
import { JumpTest } from './jump-test.ts';
import { PastValues } from './past-values.ts';

/** Values of the same time of day that are looked back on, and how many there must be. */
const WINDOW = 250;
const PAST_MIN = 60;
/** Bars this long or longer are of days: they follow on each other over nights. */
const DAILY_MS = 6 * HOUR_MS;
/** A run of equal closes is an anomaly where chance makes one less often. */
const STUCK_CHANCE = 1e-9;

/** What happens at one time of day. */
interface Slot {
  readonly range: PastValues;
  readonly volume: PastValues;
  readonly size: PastValues;
}

/**
 * Anomalies in the bars of one symbol, in order of time, each by what had closed before: jumps, ranges and volumes far
 * out of those of the same time of day, and closes that are stuck. A bar of minutes is held against those of its own
 * minute, New York's time: markets open louder than they go on.
 * @param least from how many standard deviations on
 */
export function marketAnomalies(bars: BarColumns, least: number): Anomaly[] {
  const found: Anomaly[] = [];
  const isDaily = barMs(bars) >= DAILY_MS;
  const slots = new Map<number, Slot>();
  const jumps = new JumpTest();
  const still = new StillCloses();
  for (let row = 0; row < bars.length; row++) {
    const timeMs = bars.closeTimeMs[row]!;
    const slot = slotAt(slots, isDaily ? 0 : minuteOf(timeMs));
    const about = { timeMs, of: 'market', symbol: bars.symbol } as const;
    const [high, low, volume] = [bars.high[row]!, bars.low[row]!, bars.volume[row]!];
    // Ratios of these are as far from usual below as above: their logarithms are looked at.
    const range = outlier(slot.range, log(log(high / low)), least);
    if (range !== null) found.push({ ...about, kind: 'range', ...inRange(range) });
    const traded = outlier(slot.volume, log(volume), least);
    if (traded !== null)
      found.push({ ...about, kind: 'volume', value: volume, usual: exp(traded.usual), score: traded.score });
    const jump = jumpAt(bars, row, { isDaily, slot, jumps });
    if (jump !== null && jump.score >= least) found.push({ ...about, kind: 'jump', ...jump });
    const stuck = still.next(bars.close[row]!);
    if (stuck !== null && stuck.score >= least) found.push({ ...about, kind: 'stuck', ...stuck });
  }
  return found;
}

const minuteOf = (timeMs: number): number =>
  Math.floor((((newYorkLocalMs(timeMs) % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS);

/** Length of most bars. */
function barMs({ length, openTimeMs, closeTimeMs }: BarColumns): number {
  const spans = Float64Array.from({ length }, (_, row) => closeTimeMs[row]! - openTimeMs[row]!).sort();
  return spans[length >> 1] ?? 0;
}

function slotAt(slots: Map<number, Slot>, minute: number): Slot {
  const known = slots.get(minute);
  if (known !== undefined) return known;
  const slot = { range: new PastValues(WINDOW), volume: new PastValues(WINDOW), size: new PastValues(WINDOW) };
  slots.set(minute, slot);
  return slot;
}

interface Outlier {
  readonly value: number;
  readonly usual: number;
  readonly score: number;
}

/** `value` where it is far above its past, of which it is a part from now on. */
export function outlier(past: PastValues, value: number, least: number, pastMin = PAST_MIN): Outlier | null {
  if (!Number.isFinite(value)) return null;
  const score = past.count < pastMin ? NaN : past.score(value);
  const usual = past.median;
  past.add(value);
  return score >= least ? { value, usual, score } : null;
}

/** High over low, above 1, from the logarithm of its logarithm. */
function inRange({ value, usual, score }: Outlier): Outlier {
  const share = (one: number): number => exp(exp(one)) - 1;
  return { value: share(value), usual: share(usual), score };
}

interface Following {
  readonly isDaily: boolean;
  readonly slot: Slot;
  readonly jumps: JumpTest;
}

/** The return to a close where it is a jump: from the close before, within a day from the open after a pause. */
function jumpAt(bars: BarColumns, row: number, { isDaily, slot, jumps }: Following): Outlier | null {
  const follows =
    row > 0 &&
    (isDaily || bars.openTimeMs[row]! - bars.closeTimeMs[row - 1]! <= bars.closeTimeMs[row]! - bars.openTimeMs[row]!);
  const from = follows ? bars.close[row - 1]! : bars.open[row]!;
  const change = log(bars.close[row]! / from);
  if (!follows) jumps.pause();
  if (!Number.isFinite(change)) return null;
  // As large as is usual at this time of day; before that is known nothing is said of it.
  const usual = isDaily ? 1 : slot.size.count < PAST_MIN ? NaN : slot.size.median;
  if (!isDaily) slot.size.add(Math.abs(change));
  if (!(usual > 0)) {
    jumps.pause();
    return null;
  }
  const score = jumps.next(change / usual);
  return score > 0 ? { value: exp(change) - 1, usual: exp(Math.abs(change) / score) - 1, score } : null;
}

/** Closes that are equal, beside how often they are. */
class StillCloses {
  #last = NaN;
  #run = 0;
  #equal = 0;
  #seen = 0;
  #isTold = false;

  /** How long a run is once chance would make none, told once; what was usual before is the longest it would make. */
  next(close: number): Outlier | null {
    const isEqual = close === this.#last;
    this.#last = close;
    this.#run = isEqual ? this.#run + 1 : 0;
    if (!isEqual) this.#isTold = false;
    // Of what came before the run: a run that has begun does not explain itself.
    const seen = this.#seen - this.#run;
    const share = (this.#equal - this.#run + 1) / (seen + 2);
    this.#seen += 1;
    if (isEqual) this.#equal += 1;
    if (seen < PAST_MIN || this.#isTold || this.#run === 0) return null;
    const most = log(STUCK_CHANCE) / log(share);
    if (this.#run <= most) return null;
    this.#isTold = true;
    // As far out as a normal variable of that chance is, about.
    return { value: this.#run + 1, usual: Math.floor(most) + 1, score: Math.sqrt(-2 * this.#run * log(share)) };
  }
}
