import { createRandom, type Random } from '../../../infra/random.ts';
import { bracket, type OrderAction, type PlaceOrder } from '../../orders/order-request.ts';
import { HOLD, type Strategy } from '../strategy.ts';

const LABELS = ['a', 'b', 'c', 'd'];

function oneOf<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)]!;
}

function orderNear(random: Random, near: number): PlaceOrder {
  const type = oneOf(random, ['market', 'limit', 'limit', 'stop', 'trailing'] as const);
  const price = near * (1 + 0.03 * (random.next() - 0.5));
  const size = oneOf(random, [{ units: 1 + random.integer(80) }, { equityShare: 0.3 }, 'position'] as const);
  return {
    do: 'place',
    label: oneOf(random, LABELS),
    side: oneOf(random, ['buy', 'buy', 'sell', 'sell', 'sell']),
    size,
    type,
    ...(type === 'limit' ? { limit: price } : {}),
    ...(type === 'stop' ? { stop: price } : {}),
    ...(type === 'trailing' ? { trail: { percent: 0.01 } } : {}),
    ...(random.integer(3) === 0 ? { reduceOnly: true } : {}),
    ...(random.integer(3) === 0 ? { group: oneOf(random, ['g', 'h']) } : {}),
    ...(random.integer(5) === 0 ? { after: oneOf(random, LABELS) } : {}),
    ...(type === 'market' && random.integer(30) === 0
      ? { group: undefined, execution: { kind: 'twap', slices: 3, withinMinutes: 300 } }
      : {}),
  } as PlaceOrder;
}

/**
 * Places, changes and cancels orders without a plan, also such as cannot be. What it does at a bar rests on the seed,
 * the symbol and the bar alone, so that it has nothing to remember.
 */
export function restlessOrders(seed: string): Strategy {
  return {
    name: seed,
    parameters: {},
    forSymbol: (symbol) => ({
      decide: () => HOLD,
      save: () => null,
      restore: () => undefined,
      orders: (view): readonly OrderAction[] => {
        const random = createRandom(`${seed}/${symbol}/${view.length}`);
        const close = view.close();
        const kind = random.integer(10);
        if (kind < 4) return [];
        if (kind === 4) return [{ do: 'cancel', label: oneOf(random, LABELS) }];
        if (kind === 5) {
          const change = oneOf(random, [{ units: 1 + random.integer(60) }, { limit: close * 0.99 }, { stop: close }]);
          return [{ do: 'amend', label: oneOf(random, LABELS), ...change }];
        }
        if (kind > 7) return [orderNear(random, close), orderNear(random, close)];
        const entry = { ...orderNear(random, close), label: oneOf(random, LABELS), side: 'buy' as const };
        return bracket(entry, { stop: close * 0.98, target: close * 1.02 });
      },
    }),
  };
}
