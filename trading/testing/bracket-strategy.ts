import { bracket, type OrderAction } from '../orders/order-request.ts';
import { HOLD, type Strategy } from '../strategies/strategy.ts';

/**
 * A strategy for tests that uses what own orders have: while flat it places a bracket around a limit below the market
 * or a stop above it, moves an entry that has waited, cancels one that has waited long, and trails what it holds.
 */
export const bracketStrategy: Strategy = {
  name: 'brackets',
  parameters: {},
  forSymbol: () => {
    let placed = 0;
    return {
      decide: () => HOLD,
      save: () => placed,
      restore: (state) => void (placed = Number(state)),
      orders: (view, book): readonly OrderAction[] => {
        const bar = view.length;
        const close = view.close();
        const entry = book.working.find(({ request }) => request.label === 'entry');
        if (entry !== undefined) {
          if (bar - placed > 6) return [{ do: 'cancel', label: 'entry' }];
          const { type } = entry.request;
          if (bar - placed === 3) {
            return [
              {
                do: 'amend',
                label: 'entry',
                ...(type === 'limit' ? { limit: close * 0.998 } : { stop: close * 1.002 }),
              },
            ];
          }
          return [];
        }
        if (book.position !== 0) {
          const trails = book.working.some(({ request }) => request.label === 'trail');
          const trail = { percent: 0.01 } as const;
          return trails
            ? []
            : [
                {
                  do: 'place',
                  label: 'trail',
                  side: 'sell',
                  type: 'trailing',
                  size: 'position',
                  trail,
                  reduceOnly: true,
                  group: 'entry/exits',
                },
              ];
        }
        placed = bar;
        const size = { equityShare: 0.2 } as const;
        const exits = { stop: close * 0.98, target: close * 1.02 };
        return bar % 2 === 0
          ? bracket({ do: 'place', label: 'entry', side: 'buy', type: 'limit', size, limit: close * 0.995 }, exits)
          : bracket(
              { do: 'place', label: 'entry', side: 'buy', type: 'stop', size, stop: close * 1.005, tif: 'day' },
              exits,
            );
      },
    };
  },
};
