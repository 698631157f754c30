import type { BarColumns } from '../../../features/bar.ts';
import type { Effect, Fill } from '../../../trading/effect.ts';
import type { Costs } from '../../../trading/brokers/simulated/cost-model.ts';
import type { ApprovedOrder } from '../../../trading/orders/approved-order.ts';

/** A fill that no trader could have had. */
interface FillFinding {
  readonly sequence: number;
  readonly symbol: string;
  readonly timeMs: number;
  /** Before half the spread and slippage. */
  readonly price: number;
  readonly why: string;
}

export interface FillAudit {
  readonly fills: number;
  readonly findings: readonly FillFinding[];
}

export interface AuditedSession {
  /** Bars as traded, in universe order. */
  readonly bars: readonly BarColumns[];
  /** Everything the session recorded, in order. */
  readonly effects: readonly Effect[];
  /**
   * Conventions that say more than bars do: `stopFill: exact` fills a stop at its price though the bar opens beyond it,
   * `intrabar: open-high-low-close` lets a trailing stop follow the bar that it is filled in.
   */
  readonly costs?: Pick<Partial<Costs>, 'stopFill' | 'intrabar'>;
}

/** Relative difference that rounding makes. */
const ROUNDING = 1e-9;

/** An order as it stood last, and where in the records. */
interface Known {
  readonly order: ApprovedOrder;
  /** Since when its stop trails. */
  readonly sinceMs: number;
  /** A stop of which a part was filled: the rest takes the next prices. */
  triggered: boolean;
  /** Splits since then: its prices are divided by it. */
  ratio: number;
  /** A fill of its symbol at its own time stands before it in the records: it was placed inside that bar. */
  readonly inside: boolean;
}

/**
 * Audits a session's fills against its bars and nothing else: the order was recorded before the bar opened, or inside
 * the bar by a fill; a market order took the open or the close; the price lies inside the bar; a limit was reached and
 * is not beaten by more than an open beyond it; a stop was reached and got no better price than its level, which for a
 * trailing one rests on earlier bars alone.
 */
export function auditFills({ bars, effects, costs = {} }: AuditedSession): FillAudit {
  const known = new Map<number, Known>();
  const lastFillMs = bars.map(() => -Infinity);
  const findings: FillFinding[] = [];
  let fills = 0;
  const learn = (order: ApprovedOrder): void => {
    const was = known.get(order.sequence);
    const stays = was !== undefined && was.order.terms?.price === order.terms?.price;
    const sinceMs = stays ? was.sinceMs : order.timeMs;
    const inside = lastFillMs[order.symbol] === order.timeMs;
    known.set(order.sequence, { order, sinceMs, triggered: was?.triggered ?? false, ratio: 1, inside });
  };
  for (const effect of effects) {
    if (effect.kind === 'order') learn(effect);
    else if (effect.kind === 'amend') learn(effect.order);
    else if (effect.kind === 'action' && effect.action === 'split') {
      for (const one of known.values()) if (one.order.symbol === effect.symbol) one.ratio *= effect.value;
    } else if (effect.kind === 'fill') {
      fills += 1;
      const columns = bars[effect.symbol]!;
      const price = effect.price - effect.slippage / effect.quantity;
      const order = known.get(effect.sequence);
      const why = whyImpossible(columns, effect, { price, known: order, costs });
      lastFillMs[effect.symbol] = effect.timeMs;
      if (order !== undefined) order.triggered = true;
      if (why === null) continue;
      findings.push({ sequence: effect.sequence, symbol: columns.symbol, timeMs: effect.timeMs, price, why });
    }
  }
  return { fills, findings };
}

interface Filled {
  readonly price: number;
  readonly known: Known | undefined;
  readonly costs: NonNullable<AuditedSession['costs']>;
}

/** Null where the fill was to be had in one of the bars that its time belongs to. */
function whyImpossible(columns: BarColumns, fill: Fill, filled: Filled): string | null {
  const { known } = filled;
  if (known === undefined) return 'no order was recorded before it';
  const { order, inside } = known;
  const { timeMs } = fill;
  const open = barsAt(columns, timeMs);
  if (open.length === 0) return 'no bar trades at its time';
  const late = (index: number): boolean =>
    order.timeMs > columns.openTimeMs[index]! && !(inside && order.timeMs <= timeMs);
  const left = open.filter((index) => !late(index));
  if (left.length === 0) {
    return `its order was known at ${iso(order.timeMs)}, after its bar opened at ${iso(columns.openTimeMs[open.at(-1)!]!)}`;
  }
  const side = fill.quantity > 0 ? 1 : -1;
  const said = left.map((index) => whyNotIn({ columns, index, timeMs }, side, { ...filled, known }));
  return said.includes(null) ? null : said[0]!;
}

/** The bar that closes then or is open then, and the one that opens then. */
function barsAt({ openTimeMs, closeTimeMs, length }: BarColumns, timeMs: number): number[] {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (closeTimeMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return [low, low + 1].filter((index) => index < length && openTimeMs[index]! <= timeMs);
}

interface Place {
  readonly columns: BarColumns;
  readonly index: number;
  readonly timeMs: number;
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b));
const above = (a: number, b: number): boolean => a > b && !near(a, b);

function whyNotIn(place: Place, side: 1 | -1, filled: Filled & { known: Known }): string | null {
  const { columns, index, timeMs } = place;
  const { price, known, costs } = filled;
  const { order } = known;
  const openMs = columns.openTimeMs[index]!;
  const [open, close] = [columns.open[index]!, columns.close[index]!];
  const [low, high] = [columns.low[index]!, columns.high[index]!];
  // Before the bar closes its open is all that is known of it.
  if (timeMs < columns.closeTimeMs[index]! || timeMs === openMs) {
    if (!near(price, open)) return `at ${iso(timeMs)} only the open ${open} of its bar was known, not ${price}`;
  }
  const gapAtStop = costs.stopFill === 'exact' && order.terms !== null && order.terms.type !== 'limit';
  if (!gapAtStop && (above(price, high) || above(low, price))) return `${price} is outside its bar, ${low} to ${high}`;
  const { terms } = order;
  const market = near(price, open) || near(price, close);
  if (terms !== null && terms.type !== 'market') {
    return market && takesNextPrices(place, side, known) ? null : whyNotOnTerms(place, side, filled);
  }
  return market ? null : `${price} is neither the open ${open} nor the close ${close} of its bar`;
}

/** A stop that was reached in an earlier bar, or of which a part was filled. */
function takesNextPrices({ columns, index }: Place, side: 1 | -1, known: Known): boolean {
  const { type } = known.order.terms!;
  if (type !== 'stop' && type !== 'trailing') return false;
  if (known.triggered) return true;
  for (let bar = index - 1; bar >= 0 && columns.openTimeMs[bar]! >= known.sinceMs; bar--) {
    const reached = side > 0 ? columns.high[bar]! : columns.low[bar]!;
    if (side * reached >= side * stopBy(columns, bar - 1, side, known)) return true;
  }
  return false;
}

function whyNotOnTerms(
  { columns, index }: Place,
  side: 1 | -1,
  { price, known, costs }: Filled & { known: Known },
): string | null {
  const { type, price: asked, conditions } = known.order.terms!;
  const limit = (type === 'limit' ? asked : (conditions?.limit ?? 0)) / known.ratio;
  if (limit > 0 && above(side * price, side * limit)) return `${price} is worse than its limit ${limit}`;
  if (type === 'limit' || type === 'stop-limit') return null;
  const stop = stopBy(columns, costs.intrabar === 'open-high-low-close' ? index : index - 1, side, known);
  const best = side > 0 ? columns.high[index]! : columns.low[index]!;
  if (above(side * stop, side * best)) return `its stop at ${stop} was not reached: the bar goes to ${best}`;
  return above(side * stop, side * price) ? `${price} is better than its stop at ${stop} allows` : null;
}

/** Where a stop stands by the bars from its order to `last`: a trailing one follows them. */
function stopBy(columns: BarColumns, last: number, side: 1 | -1, { order, sinceMs, ratio }: Known): number {
  const { type, price, trail, trailShare } = order.terms!;
  let level = price / ratio;
  if (type !== 'trailing') return level;
  for (let bar = last; bar >= 0 && columns.openTimeMs[bar]! >= sinceMs; bar--) {
    const reached = side > 0 ? columns.low[bar]! : columns.high[bar]!;
    const distance = trailShare > 0 ? trailShare * reached : trail / ratio;
    level = side > 0 ? Math.min(level, reached + distance) : Math.max(level, reached - distance);
  }
  return level;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
