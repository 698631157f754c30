import { HOUR_MS } from '../../../../features/timeframe.ts';
import { createRandom } from '../../../../infra/random.ts';
import { bracket, type PlaceOrder } from '../../../orders/order-request.ts';
import { HOLD, ruleSignal, type Strategy, type StrategyAction } from '../../../strategies/strategy.ts';

/** Hours before the day of the split from which on what is bought is kept. */
const KEPT_MS = 14 * HOUR_MS;

/** On the last half day before the split something is bought, and it is held over the night. */
export const isEve = (closeMs: number, splitMs: number): boolean => closeMs > splitMs - KEPT_MS && closeMs < splitMs;

/** Words drawn from a seed and the time of the bar alone; before the split it buys and holds. */
export function weekSignals(seed: number, splitMs: number): Strategy {
  return {
    name: 'week',
    parameters: { seed },
    forSymbol: (symbol) => ({
      save: () => null,
      restore: () => undefined,
      decide: (view) => {
        const closeMs = view.closeTimeMs();
        const random = createRandom(`${seed}/${symbol}/${closeMs}`);
        if (isEve(closeMs, splitMs)) return ruleSignal('BUY', 'the eve of the split');
        if (random.next() >= 0.5) return HOLD;
        return ruleSignal(random.next() < 0.5 ? 'BUY' : 'SELL', 'drawn');
      },
    }),
  };
}

/** Orders of its own that rest for days: in one symbol an entry with two exits, in the other a small one far below. */
export function weekOrders(splitMs: number): Strategy {
  return {
    name: 'week-orders',
    parameters: {},
    forSymbol: (symbol) => ({
      decide: () => HOLD,
      orders: (view, book): readonly StrategyAction[] => {
        // As traded: the view has no split.
        const { close } = book;
        const has = (label: string): boolean => book.working.some(({ request }) => request.label === label);
        const cents = (price: number): number => Math.round(price * 100) / 100;
        const actions: StrategyAction[] = [];
        const limit = { do: 'place', side: 'buy', type: 'limit', tif: 'gtc' } as const;
        const isLast = isEve(view.closeTimeMs(), splitMs);
        const resting = book.working.find(({ request }) => request.label === 'in')?.request;
        // On the eve it is sure to fill, so that its exits rest over the night.
        if (isLast && resting !== undefined && resting.limit! < close) actions.push({ do: 'cancel', label: 'in' });
        if (symbol === 'AAPL' && book.position === 0 && resting === undefined) {
          const price = cents(close * (isLast ? 1.01 : 0.999));
          const entry: PlaceOrder = { ...limit, label: 'in', size: { units: 10 }, limit: price };
          actions.push(...bracket(entry, { stop: cents(close * 0.985), target: cents(close * 1.015) }));
        }
        if (symbol !== 'AAPL' && !has('small'))
          actions.push({ ...limit, label: 'small', size: { units: 3 }, limit: cents(close * 0.5) });
        return actions;
      },
    }),
  };
}
