import { HOUR_MS } from '../../features/timeframe.ts';
import type { Random } from '../../infra/random.ts';
import { bracket, type OrderAction, type PlaceOrder } from '../orders/order-request.ts';
import type { ReferenceCosts } from './reference-costs.ts';
import type { Scenario } from './reference-desk.ts';
import { START_MS, type Row } from './scripted-orders.ts';

const cents = (price: number): number => Math.round(price * 100) / 100;
const LABELS = ['a', 'b', 'c', 'd', 'e'];

function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

/** Bars that gap, stand still, trade nothing, lack a price or are not there. */
function rowsOf(random: Random, hours: number, split: Scenario['split']): (Row | null)[] {
  let price = 100;
  const away = random.integer(4) === 0 ? 1 + random.integer(hours) : hours;
  return Array.from({ length: hours }, (_, hour) => {
    // A halted instrument has no bars for a while.
    if (hour >= away && hour < away + 4 && hour > 0 && hour !== split?.hour) return null;
    if (split !== null && hour === split.hour) price = cents(price / split.ratio);
    const kind = random.integer(40);
    if (kind === 0 && hour > 0) return null;
    const scale = price / 100;
    const open = cents(price + scale * 2 * (random.next() - 0.5) * (kind < 4 ? 5 : 1));
    const close = kind === 5 ? open : cents(open + scale * 4 * (random.next() - 0.5));
    price = Math.max(20, close);
    const [over, under] = kind === 5 ? [0, 0] : [2 * random.next(), 2 * random.next()];
    const high = cents(Math.max(open, close) + scale * over);
    const low = cents(Math.min(open, close) - scale * under);
    const volume = kind === 6 ? 0 : random.integer(120);
    if (kind === 7) return [NaN, NaN, NaN, NaN, volume];
    if (kind === 8) return [open, NaN, low, close, volume];
    return [open, high, low, close, volume];
  });
}

function sizeOf(random: Random): PlaceOrder['size'] {
  const kind = random.integer(8);
  if (kind < 2) return 'position';
  if (kind === 2) return { notional: cents(100 + 5_000 * random.next()) };
  if (kind === 3) return { equityShare: (1 + random.integer(500)) / 1_000 };
  return { units: 1 + random.integer(60) };
}

function trailOf(random: Random): NonNullable<PlaceOrder['trail']> {
  if (random.integer(3) === 0) return { percent: (5 + random.integer(40)) / 1_000 };
  return { price: cents(0.5 + 3 * random.next()) };
}

/** An order with one number that is none. */
function unusable(random: Random, order: PlaceOrder): PlaceOrder {
  const bad = oneOf(random, [NaN, Infinity, -1, 0]);
  const keys = (['limit', 'stop', 'expiresMs'] as const).filter((key) => order[key] !== undefined);
  if (keys.length > 0 && random.integer(2) === 0) return { ...order, [oneOf(random, keys)]: bad };
  return { ...order, size: { units: bad } };
}

/** One order, rarely one that cannot be used, or an entry with its exits. */
function placed(random: Random, near: number, hour: number): PlaceOrder[] {
  const order = placing(random, near, hour);
  const kind = random.integer(30);
  if (kind === 0) return [unusable(random, order)];
  if (kind > 2) return [order];
  const up = order.side === 'buy' ? 1 : -1;
  const away = (share: number): number => cents(near * (1 + (up * share) / 100));
  return bracket(order, { stop: away(-1 - 2 * random.next()), target: away(1 + 2 * random.next()) });
}

function placing(random: Random, near: number, hour: number): PlaceOrder {
  const type = oneOf(random, ['market', 'limit', 'limit', 'stop', 'stop-limit', 'trailing'] as const);
  const price = (): number => cents(near + (near / 100) * 6 * (random.next() - 0.5));
  const waits = type !== 'market';
  const tifs = [
    'gtc',
    'gtc',
    'gtc',
    'day',
    'gtd',
    ...(waits && type !== 'limit' ? [] : ['ioc', 'fok', 'on-open', 'on-close']),
  ];
  const tif = oneOf(random, tifs) as NonNullable<PlaceOrder['tif']>;
  const rests = tif === 'gtc' || tif === 'day' || tif === 'gtd';
  return {
    do: 'place',
    label: oneOf(random, LABELS),
    side: oneOf(random, ['buy', 'sell'] as const),
    size: sizeOf(random),
    type,
    ...(type === 'limit' || type === 'stop-limit' ? { limit: price() } : {}),
    ...(type === 'stop' || type === 'stop-limit' ? { stop: price() } : {}),
    ...(type === 'trailing' ? { trail: trailOf(random) } : {}),
    ...(tif === 'gtc' ? {} : { tif }),
    ...(tif === 'gtd' ? { expiresMs: START_MS + (hour + 1 + random.integer(8)) * HOUR_MS } : {}),
    ...(type === 'limit' && rests && random.integer(4) === 0 ? { postOnly: true } : {}),
    ...(random.integer(3) === 0 ? { reduceOnly: true } : {}),
    ...(random.integer(3) === 0 ? { group: oneOf(random, ['g', 'h']) } : {}),
    ...(random.integer(4) === 0 ? { after: oneOf(random, LABELS) } : {}),
  };
}

function actionsOf(random: Random, near: number, hour: number): OrderAction[] {
  const kind = random.integer(10);
  if (kind < 7) return placed(random, near, hour);
  const label = oneOf(random, LABELS);
  if (kind < 8) return [{ do: 'cancel', label }];
  const price = cents(near + (near / 100) * 6 * (random.next() - 0.5));
  const named = oneOf(random, [{ units: 1 + random.integer(60) }, { limit: price }, { stop: price }]);
  return [{ do: 'amend', label, ...named }];
}

function commandsOf(random: Random, hours: number): Scenario['commands'] {
  const commands = ['halt', 'reduce', 'flatten', 'resume', 'resume'] as const;
  const first = { hour: random.integer(hours), command: oneOf(random, commands) };
  return [first, { hour: Math.min(hours - 1, first.hour + random.integer(5)), command: oneOf(random, commands) }];
}

function costsOf(random: Random): ReferenceCosts {
  const bps = oneOf(random, [0, 7]);
  const charged = oneOf(random, [0, 1, 1]);
  const rare = <T>(value: T): T | null => (random.integer(5) === 0 ? value : null);
  return {
    concessionBps: oneOf(random, [0, 3]),
    takerBps: bps,
    makerBps: charged === 0 ? bps : oneOf(random, [2, 2, -3]),
    perShareCents: charged,
    minimumCents: charged * 100,
    perOrderCents: rare(35) ?? 0,
    mostPermille: rare(3),
    tier: rare({ from: 5_000.005, makerBps: oneOf(random, [1, -2]), takerBps: 4 }),
    inBase: rare(true) ?? false,
    volumePercent: oneOf(random, [null, 50]),
    latencyMs: oneOf(random, [0, 0, HOUR_MS / 2, 1.5 * HOUR_MS]),
    fill: rare('next-close' as const) ?? 'next-open',
    stopFill: rare('exact' as const) ?? rare('in-range' as const) ?? 'gap',
    intrabar: rare('open-high-low-close' as const) ?? 'stop-first',
  };
}

/** Two or three bars inside one, by the ways of which its high and low come in another order. */
function fineOf(random: Random, row: Row | null): Row[] | null {
  if (row === null || !row.slice(0, 4).every((price = NaN) => price > 0)) return null;
  const [open, high, low, close] = row;
  const parts = 2 + random.integer(2);
  const [top, bottom] = [random.integer(parts), random.integer(parts)];
  let from = open;
  return Array.from({ length: parts }, (_, at): Row => {
    const [begin, end] = [from, at === parts - 1 ? close : cents(low + (high - low) * random.next())];
    from = end;
    const most = at === top ? high : Math.max(begin, end);
    return [begin, most, at === bottom ? low : Math.min(begin, end), end];
  });
}

/** A random market, and random orders in it. */
export function matchingStream(random: Random): Scenario {
  const hours = 12 + random.integer(16);
  // Apart, so that streams are what they were without it.
  const restored = random.fork('restored');
  const symbols = oneOf(random, [1, 1, 2, 2, 3]);
  const split =
    random.integer(3) === 0
      ? { hour: 2 + random.integer(hours - 3), ratio: oneOf(random, [2, 3, 1.5, 0.5, 0.1]) }
      : null;
  const rows = Array.from({ length: symbols }, (_, sym) => rowsOf(random, hours, sym === 0 ? split : null));
  const actions = rows.map((list) =>
    list.map((row, hour) => {
      const near = row !== null && row[3] > 0 ? row[3] : 100;
      return Array.from({ length: random.integer(4) }, () => actionsOf(random, near, hour)).flat();
    }),
  );
  const dividends = rows.flatMap((_, sym) => {
    if (random.integer(4) > 0) return [];
    const hour = 1 + random.integer(hours - 1);
    return hour === split?.hour ? [] : [{ sym, hour, value: cents(0.01 + 2 * random.next()) }];
  });
  const finer = random.integer(5) === 0;
  return {
    rows,
    fine: finer ? rows.map((list) => list.map((row) => fineOf(random, row))) : null,
    actions,
    split,
    dividends,
    commands: random.integer(4) > 0 ? [] : commandsOf(random, hours),
    disturbed: random.integer(4) === 0,
    restoredAfter: restored.integer(3) === 0 ? 1 + restored.integer(hours) : null,
    capital: 10_000.37 + random.integer(1_000),
    costs: costsOf(random),
    limits: {
      positionPermille: oneOf(random, [1_000, 317]),
      shortAllowed: random.integer(3) > 0,
      drawdownPermille: oneOf(random, [null, 50]),
    },
  };
}
