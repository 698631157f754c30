import { HOUR_MS } from '../../features/timeframe.ts';
import type { Random } from '../../infra/random.ts';
import type { OrderAction, PlaceOrder } from '../orders/order-request.ts';
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
  return Array.from({ length: hours }, (_, hour) => {
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
    size: random.integer(4) === 0 ? 'position' : { units: 1 + random.integer(60) },
    type,
    ...(type === 'limit' || type === 'stop-limit' ? { limit: price() } : {}),
    ...(type === 'stop' || type === 'stop-limit' ? { stop: price() } : {}),
    ...(type === 'trailing' ? { trail: { price: cents(0.5 + 3 * random.next()) } } : {}),
    ...(tif === 'gtc' ? {} : { tif }),
    ...(tif === 'gtd' ? { expiresMs: START_MS + (hour + 1 + random.integer(8)) * HOUR_MS } : {}),
    ...(type === 'limit' && rests && random.integer(4) === 0 ? { postOnly: true } : {}),
    ...(random.integer(3) === 0 ? { reduceOnly: true } : {}),
    ...(random.integer(3) === 0 ? { group: oneOf(random, ['g', 'h']) } : {}),
    ...(random.integer(4) === 0 ? { after: oneOf(random, LABELS) } : {}),
  };
}

function actionOf(random: Random, near: number, hour: number): OrderAction {
  const kind = random.integer(10);
  if (kind < 7) return placing(random, near, hour);
  const label = oneOf(random, LABELS);
  if (kind < 8) return { do: 'cancel', label };
  const price = cents(near + (near / 100) * 6 * (random.next() - 0.5));
  const named = oneOf(random, [{ units: 1 + random.integer(60) }, { limit: price }, { stop: price }]);
  return { do: 'amend', label, ...named };
}

/** A random market, and random orders in it. */
export function matchingStream(random: Random): Scenario {
  const hours = 12 + random.integer(16);
  const symbols = 1 + random.integer(2);
  const split =
    random.integer(3) === 0 ? { hour: 2 + random.integer(hours - 3), ratio: oneOf(random, [2, 2, 0.5]) } : null;
  const rows = Array.from({ length: symbols }, (_, sym) => rowsOf(random, hours, sym === 0 ? split : null));
  const actions = rows.map((list) =>
    list.map((row, hour) => {
      const near = row !== null && row[3] > 0 ? row[3] : 100;
      return Array.from({ length: random.integer(4) }, () => actionOf(random, near, hour));
    }),
  );
  const bps = oneOf(random, [0, 7]);
  const charged = oneOf(random, [0, 1, 1]);
  return {
    rows,
    actions,
    split,
    capital: 10_000.37 + random.integer(1_000),
    costs: {
      concessionBps: oneOf(random, [0, 3]),
      takerBps: bps,
      makerBps: charged === 0 ? bps : 2,
      perShareCents: charged,
      minimumCents: charged * 100,
      volumePercent: oneOf(random, [null, 50]),
      latencyMs: oneOf(random, [0, 0, HOUR_MS / 2]),
    },
    limits: {
      positionPermille: oneOf(random, [1_000, 317]),
      shortAllowed: random.integer(3) > 0,
      drawdownPermille: oneOf(random, [null, 50]),
    },
  };
}
