import type { OwnStrategy, StrategyOrder } from 'signalbox';

// An example of a strategy that places its own orders: signalbox backtest --bars FILE --strategy dip-bracket.ts

/** A limit below the market while flat, with a stop and a target that arm when it is filled; moved at every close. */
const strategy: OwnStrategy<{ dip: number; stop: number; target: number; share: number }> = {
  parameters: {
    dip: { default: 0.01, min: 0.0001, max: 0.5 },
    stop: { default: 0.02, min: 0.0001, max: 0.9 },
    target: { default: 0.03, min: 0.0001, max: 10 },
    share: { default: 0.2, min: 0.001, max: 1 },
  },
  create: ({ dip, stop, target, share }) => ({
    // Its orders are kept by the session: there is nothing besides to take up when that is started again.
    save: () => null,
    restore: () => undefined,
    orders(_view, { position, working, close }): readonly StrategyOrder[] {
      if (position !== 0) return [];
      // As traded: the view takes splits and dividends out of its prices.
      const limit = close * (1 - dip);
      if (working.length > 0) {
        return [
          { do: 'amend', label: 'entry', limit },
          { do: 'amend', label: 'stop', stop: limit * (1 - stop) },
          { do: 'amend', label: 'target', limit: limit * (1 + target) },
        ];
      }
      const exit = {
        do: 'place',
        side: 'sell',
        size: 'position',
        reduceOnly: true,
        group: 'exits',
        after: 'entry',
      } as const;
      return [
        { do: 'place', label: 'entry', side: 'buy', type: 'limit', limit, size: { equityShare: share } },
        { ...exit, label: 'stop', type: 'stop', stop: limit * (1 - stop) },
        { ...exit, label: 'target', type: 'limit', limit: limit * (1 + target) },
      ];
    },
  }),
};

export default strategy;
