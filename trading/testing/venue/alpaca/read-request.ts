import { parseAmount, type StandInOrder } from '../stand-in-order.ts';

/** A request that the venue refuses, as its API says it. */
export class VenueRefusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(status: number, code: number, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const refusal = (message: string): VenueRefusal => new VenueRefusal(422, 42210000, message);

export const invalid = (what: string): VenueRefusal => refusal(`invalid ${what}`);

type Body = Readonly<Record<string, unknown>>;
/** Reads one order of a request. @throws VenueRefusal */
export type ReadRequest = (body: Body) => StandInOrder;

interface ReadWith {
  readonly nowMs: number;
  /** What is traded, and at what. */
  readonly prices: ReadonlyMap<string, bigint>;
  /** A new name of the venue's own. */
  readonly name: () => string;
}

const TYPES = ['market', 'limit', 'stop', 'stop_limit', 'trailing_stop'];
const WHOLE = parseAmount('1')!;

/** A simple order as it is asked for. @throws VenueRefusal for what Alpaca does not take */
export function readRequest(body: Body, { nowMs, prices, name }: ReadWith): StandInOrder {
  const { client_order_id: id, symbol, side, type, time_in_force: tif } = body;
  if (typeof symbol !== 'string' || !prices.has(symbol)) throw invalid('symbol');
  if (side !== 'buy' && side !== 'sell') throw invalid('side');
  if (typeof id === 'string' && id.length > 128) throw invalid('client_order_id');
  const qty = parseAmount(body.qty);
  if (qty === null || qty === 0n) throw invalid('qty');
  const limit = parseAmount(body.limit_price);
  const stop = parseAmount(body.stop_price);
  const kind = type as StandInOrder['type'];
  if (!TYPES.includes(kind)) throw invalid('type');
  if (kind.includes('limit') && limit === null) throw invalid('limit_price');
  if ((kind === 'stop' || kind === 'stop_limit') && stop === null) throw invalid('stop_price');
  for (const price of [limit, stop]) requireTick(price);
  requireFraction({ symbol, qty, kind, tif });
  const extendedHours = body.extended_hours === true;
  if (extendedHours) requireExtended({ symbol, kind, tif });
  const trailPrice = parseAmount(body.trail_price);
  const trailPercent = body.trail_percent === undefined ? null : Number(body.trail_percent);
  const trails = kind === 'trailing_stop';
  if (trails && trailPrice === null && trailPercent === null) throw invalid('trail_price');
  return {
    id: name(),
    clientOrderId: typeof id === 'string' ? id : name(),
    symbol,
    side,
    type: kind,
    tif: String(tif),
    extendedHours,
    qty,
    limit,
    stop,
    trail: trails ? { price: trailPrice, percent: trailPercent, best: prices.get(symbol)! } : null,
    status: 'accepted',
    filled: 0n,
    paid: 0n,
    triggered: kind === 'market' || kind === 'limit',
    createdMs: nowMs,
    replaces: null,
    replacedBy: null,
    orderClass: '',
    pair: null,
    isLeg: false,
    entry: null,
    legs: [],
    cancelAtMs: null,
  };
}

/** Parts of a share are traded for the day, by anything but a trailing stop. */
function requireFraction({
  symbol,
  qty,
  kind,
  tif,
}: {
  symbol: string;
  qty: bigint;
  kind: string;
  tif: unknown;
}): void {
  if (qty % WHOLE === 0n || symbol.includes('/')) return;
  if (tif !== 'day') throw new VenueRefusal(422, 42210000, 'fractional orders must be DAY orders');
  if (kind === 'trailing_stop') throw new VenueRefusal(422, 42210000, 'fractional orders cannot be trailing_stop');
}

/** Outside the regular hours limits of shares alone work: the OpenAPI document, `extended_hours` of an order. */
function requireExtended({ symbol, kind, tif }: { symbol: string; kind: string; tif: unknown }): void {
  if (symbol.includes('/')) throw refusal('crypto orders do not support extended_hours');
  if (kind.includes('stop')) throw refusal('stop orders are not eligible for extended hours trading');
  const isTaken = kind === 'limit' && (tif === 'day' || tif === 'gtc');
  if (!isTaken) throw refusal('extended hours order must be DAY or GTC limit orders');
}

function requireTick(price: bigint | null): void {
  if (price === null) return;
  const tick = parseAmount(price >= WHOLE ? '0.01' : '0.0001')!;
  if (price % tick !== 0n) throw new VenueRefusal(422, 42210000, 'sub-penny increment does not fulfill minimum');
}
