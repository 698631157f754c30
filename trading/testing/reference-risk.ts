import type { AmendOrder, PlaceOrder } from '../orders/order-request.ts';

/** One unit of currency: money and prices are whole numbers of its 10^-12. */
export const UNIT = 1_000_000_000_000n;
const TICK = UNIT / 100n;

/** A price or an amount, which has at most six decimals. */
export const exact = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 1_000_000n;
export const big = (units: number): bigint => BigInt(units);
/** A price times units of which a split may have left twentieths. */
export const times = (price: bigint, units: number): bigint => (price * big(Math.round(20 * units))) / 20n;
export const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** What an order is to become, or that it is to end (`becomes` is null), once the venue has heard of it. */
export interface Asked {
  readonly atMs: number;
  /** Units to be traded from then on. */
  left: number;
  readonly becomes: Pick<Plain, 'request' | 'price' | 'limit' | 'level' | 'reduces' | 'decidedMs'> | null;
}

/** An order as the reference knows it. */
export interface Plain {
  readonly sym: number;
  readonly seq: number;
  request: PlaceOrder;
  /** 1 buys, -1 sells. */
  readonly dir: number;
  price: bigint;
  limit: bigint;
  /** Its price as it was decided last, at the venue or on the way there. */
  start: bigint;
  /** What a stop or limit waits for. */
  level: bigint;
  readonly placedMs: number;
  /** When its terms were decided: placed, or amended. */
  decidedMs: number;
  readonly coming: Asked[];
  /** Of the strategy, not of the kill switch. */
  readonly own: boolean;
  /** It opens nothing, as it was decided last. */
  onlyReduces: boolean;
  reduces: boolean;
  ordered: number;
  filled: number;
  left: number;
  /** Units it may close and open, and the price that its opening is valued at: what is reserved. */
  exit: number;
  opening: number;
  valued: bigint;
  day: number;
  fresh: boolean;
  triggered: boolean;
  /** A stop-limit whose stop was reached. */
  limitNow: boolean;
  rank: number;
  inside: boolean;
  atVenue: boolean;
  due: bigint;
  value: bigint;
  charged: bigint;
  /** Price of its last execution. */
  tradedAt: bigint | null;
}

/** What one account holds, in whole numbers. */
export interface Books {
  cash: bigint;
  equity: bigint;
  peak: bigint;
  state: 'run' | 'halt' | 'reduce' | 'flatten';
  /** Value traded so far. */
  traded: bigint;
  readonly held: number[];
  readonly mark: bigint[];
  readonly reserved: bigint[];
  readonly working: Plain[];
}

export interface ReferenceLimits {
  /** Largest position in thousandths of the equity. */
  readonly positionPermille: number;
  readonly shortAllowed: boolean;
}

/** Distance of a trailing stop from a price. */
export function trailOf(trail: NonNullable<PlaceOrder['trail']>, price: bigint): bigint {
  return 'price' in trail ? exact(trail.price) : (price * exact(trail.percent)) / UNIT;
}

/** The next tick at or beyond a price. */
export function onTick(price: bigint, up: boolean): bigint {
  const below = (price / TICK) * TICK;
  if (below === price) return price;
  return up ? below + TICK : below > 0n ? below : TICK;
}

/** Of what is asked for, how much may close and how much may open. */
export function split(
  books: Books,
  order: { sym: number; dir: number; asked: number; group: string | undefined; reduceOnly: boolean; valued: bigint },
  limits: ReferenceLimits,
): { exit: number; opening: number } {
  const { sym, dir, asked, group, valued } = order;
  const held = books.held[sym]!;
  const against = held * dir < 0;
  const free = against ? Math.abs(held) - exits(books, sym, group) : 0;
  const exit = Math.max(0, Math.min(asked, Math.round(free)));
  const wanted = asked - exit;
  if (wanted === 0 || order.reduceOnly) return { exit, opening: 0 };
  if (books.equity <= 0n || books.state !== 'run' || (dir < 0 && !limits.shortAllowed)) return { exit, opening: 0 };
  const others = books.held.reduce((sum, units, other) => {
    if (other === sym) return sum;
    const worth = abs(big(units) * books.mark[other]!);
    return sum + (worth > books.reserved[other]! ? worth : books.reserved[other]!);
  }, 0n);
  const own = (big(limits.positionPermille) * books.equity) / 1000n;
  const room = own < books.equity - others ? own : books.equity - others;
  const taken = reachable(books, sym, dir);
  const most = room > taken ? Number((room - taken) / valued) : 0;
  return { exit, opening: Math.min(wanted, most) };
}

/** Units that exits of other groups are to close; of one group's the most. */
function exits({ working }: Books, sym: number, group: string | undefined): number {
  const most = new Map<string, number>();
  for (const { request, seq, exit } of working.filter((one) => one.sym === sym)) {
    if (group !== undefined && request.group === group) continue;
    const name = request.group ?? `#${seq}`;
    most.set(name, Math.max(most.get(name) ?? 0, exit));
  }
  return [...most.values()].reduce((sum, units) => sum + units, 0);
}

/** The most that the position may come to on a side: what is held of the other closes first. */
function reachable({ working, held, mark }: Books, sym: number, dir: number): bigint {
  const value = big(held[sym]! * dir) * mark[sym]!;
  const opening = working.filter((one) => one.sym === sym && one.dir === dir);
  return opening.reduce((sum, one) => sum + times(one.valued, one.opening), value > 0n ? value : 0n);
}

/** What the orders of a symbol that open anything may make of its position. */
export function restate(books: Books, sym: number): void {
  const opens = books.working.some((one) => one.sym === sym && one.opening > 0);
  const [long, short] = [reachable(books, sym, 1), reachable(books, sym, -1)];
  books.reserved[sym] = opens ? (long > short ? long : short) : 0n;
}

/** A request with what an amendment names; null where that does not belong to it. */
export function amended(request: PlaceOrder, { units, limit, stop }: AmendOrder): PlaceOrder | null {
  if (limit !== undefined && request.limit === undefined) return null;
  if (stop !== undefined && request.type !== 'stop' && request.type !== 'stop-limit' && request.type !== 'trailing')
    return null;
  const named = Object.entries({ limit, stop, size: units === undefined ? undefined : { units } });
  return { ...request, ...Object.fromEntries(named.filter(([, value]) => value !== undefined)) };
}
