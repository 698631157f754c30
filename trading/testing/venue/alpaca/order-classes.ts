import { isArmed, parseAmount, type StandInOrder } from '../stand-in-order.ts';
import { invalid, VenueRefusal, type ReadRequest } from './read-request.ts';

// Orders that hang together, as docs.alpaca.markets, "Placing Orders", describes bracket, OCO and OTO orders.

const WHOLE = parseAmount('1')!;
const CENT = parseAmount('0.01')!;

type Body = Readonly<Record<string, unknown>>;

/** What is traded now, and what is held of it. */
interface GroupMarket {
  readonly price: bigint;
  readonly held: bigint;
}

const refusal = (message: string): VenueRefusal => new VenueRefusal(422, 42210000, message);

/** An order as it is asked for, with what hangs on it. @throws VenueRefusal */
export function readGroup(
  body: Body,
  read: ReadRequest,
  market: GroupMarket,
): { readonly order: StandInOrder; readonly legs: readonly StandInOrder[] } {
  const { take_profit: target, stop_loss: stop, order_class: asked = '', ...rest } = body;
  if (asked === '' || asked === 'simple') return { order: read(rest), legs: [] };
  if (asked !== 'oco' && asked !== 'bracket' && asked !== 'oto') throw invalid('order_class');
  const limits = target as { readonly limit_price?: string } | undefined;
  const stops = stop as { readonly stop_price?: string; readonly limit_price?: string } | undefined;
  if (String(rest.symbol).includes('/')) throw refusal('crypto orders not allowed for advanced order_class');
  if (rest.time_in_force !== 'day' && rest.time_in_force !== 'gtc') throw invalid(`time_in_force of an ${asked} order`);
  if (rest.extended_hours === true) throw refusal(`${asked} orders do not support extended_hours`);
  if (asked !== 'oto' && limits?.limit_price === undefined)
    throw refusal(`${asked} orders require take_profit.limit_price`);
  if (asked !== 'oto' && stops?.stop_price === undefined) throw refusal(`${asked} orders require stop_loss.stop_price`);
  const of = { read, asked, rest, limits, stops, market } as const;
  return asked === 'oco' ? readPair(of) : readEntry(of, asked);
}

interface AskedGroup {
  readonly read: ReadRequest;
  readonly asked: 'oco' | 'bracket' | 'oto';
  readonly rest: Body;
  readonly limits: { readonly limit_price?: string } | undefined;
  readonly stops: { readonly stop_price?: string; readonly limit_price?: string } | undefined;
  readonly market: GroupMarket;
}

/** A limit, and a stop that is held beside it under a name of the venue's own. */
function readPair({ read, rest, limits, stops, market: { held } }: AskedGroup) {
  const { client_order_id: _id, ...unnamed } = rest;
  const order: StandInOrder = { ...read({ ...rest, ...limits }), orderClass: 'oco' };
  const leg: StandInOrder = {
    ...read({ ...unnamed, ...stops, type: stopType(stops) }),
    orderClass: 'oco',
    isLeg: true,
  };
  requireWhole(order);
  requireAway(order.side, { target: order.limit, stop: leg.stop! });
  if (order.side === 'sell' ? held <= 0n : held >= 0n) throw invalid('oco order: it must be an exit');
  order.pair = leg;
  order.legs = [leg];
  leg.pair = order;
  return { order, legs: order.legs };
}

/** An entry, and its exits, which wait until all of it is filled. */
function readEntry({ read, rest, limits, stops, market }: AskedGroup, orderClass: 'bracket' | 'oto') {
  const order: StandInOrder = { ...read(rest), orderClass };
  const { client_order_id: _id, limit_price: _limit, stop_price: _stop, side: _side, ...shared } = rest;
  const exit = { ...shared, side: order.side === 'buy' ? 'sell' : 'buy' };
  const hangs = { orderClass, isLeg: true, entry: order } as const;
  const target = limits === undefined ? null : { ...read({ ...exit, ...limits, type: 'limit' }), ...hangs };
  const stop = stops === undefined ? null : { ...read({ ...exit, ...stops, type: stopType(stops) }), ...hangs };
  const legs = [target, stop].filter((leg) => leg !== null);
  if (orderClass === 'oto' && legs.length !== 1) throw refusal('oto orders require one of take_profit and stop_loss');
  requireWhole(order);
  if (order.side === 'buy' ? market.held < 0n : market.held > 0n)
    throw refusal(`${orderClass} orders must be entry orders`);
  const bases = order.type === 'limit' ? [order.limit!, market.price] : [market.price];
  for (const base of bases) {
    if (stop !== null) requireAway(stop.side, { target: base, stop: stop.stop! });
    if (target !== null) requireAway(target.side, { target: target.limit, stop: base });
  }
  if (target !== null && stop !== null) {
    requireAway(stop.side, { target: target.limit, stop: stop.stop! });
    target.pair = stop;
    stop.pair = target;
  }
  order.legs = legs;
  return { order, legs };
}

const stopType = (stops: AskedGroup['stops']): string => (stops?.limit_price === undefined ? 'stop' : 'stop_limit');

function requireWhole({ qty, orderClass }: StandInOrder): void {
  if (qty % WHOLE !== 0n) throw refusal(`fractional orders must be simple orders, and this one is ${orderClass}`);
}

/** A stop is at least a cent beyond what it is measured by, and so is a target on the other side. */
function requireAway(side: StandInOrder['side'], { target, stop }: { target: bigint | null; stop: bigint }): void {
  const away = (side === 'sell' ? 1n : -1n) * (target! - stop);
  if (away < CENT)
    throw refusal(
      `stop price must be ${side === 'sell' ? 'less than base_price -' : 'greater than base_price +'} 0.01`,
    );
}

/** All that ends where a cancel of one of them is asked for. */
export function groupOf(order: StandInOrder): readonly StandInOrder[] {
  const { entry, pair, legs } = order;
  return [...new Set([order, ...(entry === null ? [] : [entry]), ...(pair === null ? [] : [pair]), ...legs])];
}

/** Two that end each other hold the same shares once, and what waits for its entry holds none. */
export function holdsNone(order: StandInOrder): boolean {
  const isSecond = order.isLeg && order.pair !== null && !(order.entry !== null && order.type === 'limit');
  return isSecond || !isArmed(order);
}

/** Of a bracket prices alone can be replaced, of an OTO and of parts of a share nothing. @throws VenueRefusal */
export function requireReplaceable({ orderClass, qty, symbol }: StandInOrder, body: Body): void {
  if (qty % WHOLE !== 0n && !symbol.includes('/')) throw refusal('fractional orders cannot be replaced');
  if (orderClass === 'oto') throw refusal('oto orders cannot be replaced');
  const asked = parseAmount(body.qty);
  if (asked !== null && asked % WHOLE !== 0n && !symbol.includes('/'))
    throw refusal('orders cannot be replaced by fractional ones');
  if (orderClass === 'bracket' && asked !== null && asked !== qty)
    throw refusal('qty of bracket orders cannot be replaced');
}

/** The order that replaces another hangs together with the same ones. */
export function takePlace(order: StandInOrder, old: StandInOrder): void {
  if (order.pair !== null) order.pair.pair = order;
  for (const leg of order.legs) if (leg.entry === old) leg.entry = order;
  const parent = order.entry ?? (order.isLeg ? order.pair : null);
  if (parent !== null) parent.legs = parent.legs.map((leg) => (leg === old ? order : leg));
}
