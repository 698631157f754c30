import { exp, log } from '../../features/arithmetic.ts';
import type { Anomaly } from './anomaly.ts';
import { outlier } from './market-anomalies.ts';
import { PastValues } from './past-values.ts';

/** Fills that are looked back on, and how many there must be. */
const WINDOW = 250;
const PAST_MIN = 30;

/** A fill with what its order knew. */
export interface JudgedFill {
  readonly timeMs: number;
  readonly symbol: string;
  /** Stops are filled where they are triggered, limits wait: each type has a past of its own. */
  readonly orderType: string;
  /** Signed units. */
  readonly quantity: number;
  readonly price: number;
  /** Cost in currency. */
  readonly slippage: number;
  /** The price when it was decided on; null where that is not known. */
  readonly decisionPrice: number | null;
  /** From the decision to the fill; null where that was not measured. */
  readonly delayMs: number | null;
}

/** What fills of orders of one type were like. */
interface PastFills {
  readonly slippage: PastValues;
  readonly distance: PastValues;
  readonly delay: PastValues;
}

/**
 * Anomalies in fills, in their order, each by the fills of orders of its type before: what they cost, how far from the
 * price that was decided on, how late. Each is far above its own past; one that is better than usual is none.
 * @param least from how many standard deviations on
 */
export function fillAnomalies(fills: readonly JudgedFill[], least: number): Anomaly[] {
  const pasts = new Map<string, PastFills>();
  const found: Anomaly[] = [];
  for (const fill of fills) {
    const { timeMs, symbol, quantity, price, decisionPrice, delayMs } = fill;
    const past = pastOf(pasts, fill.orderType);
    const about = { timeMs, of: 'fills', symbol } as const;
    const far = decisionPrice === null ? NaN : 1e4 * Math.sign(quantity) * (price / decisionPrice - 1);
    const slippage = outlier(past.slippage, (1e4 * fill.slippage) / (Math.abs(quantity) * price), least, PAST_MIN);
    if (slippage !== null) found.push({ ...about, kind: 'slippage', ...slippage });
    const distance = outlier(past.distance, far, least, PAST_MIN);
    if (distance !== null) found.push({ ...about, kind: 'distance', ...distance });
    // Waits are many times as long now and then: their logarithms are looked at, and none below a millisecond.
    const delay = outlier(past.delay, delayMs === null ? NaN : log(Math.max(1, delayMs)), least, PAST_MIN);
    if (delay !== null)
      found.push({ ...about, kind: 'delay', value: delayMs!, usual: exp(delay.usual), score: delay.score });
  }
  return found;
}

function pastOf(pasts: Map<string, PastFills>, orderType: string): PastFills {
  const known = pasts.get(orderType);
  if (known !== undefined) return known;
  const past = {
    slippage: new PastValues(WINDOW),
    distance: new PastValues(WINDOW),
    delay: new PastValues(WINDOW),
  };
  pasts.set(orderType, past);
  return past;
}
