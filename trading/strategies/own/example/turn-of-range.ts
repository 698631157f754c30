import type { OwnStrategy } from 'signalbox';

// An example of a strategy of one's own: signalbox backtest --bars FILE --strategy turn-of-range.ts --set lookback=30

/** Half a position in the lower half of the last bars' range, a whole one in its lowest tenth, none above. */
const strategy: OwnStrategy<{ lookback: number; deep: number }> = {
  parameters: {
    lookback: { default: 20, min: 2, max: 500, whole: true },
    deep: { default: 0.1, min: 0, max: 0.5 },
  },
  create: ({ lookback, deep }) => ({
    // Everything comes from the bars: a session that is started again has nothing to take up.
    save: () => null,
    restore: () => undefined,
    decide(view) {
      if (view.length < lookback) return 'HOLD';
      let high = view.high();
      let low = view.low();
      for (let ago = 1; ago < lookback; ago++) {
        high = Math.max(high, view.high(ago));
        low = Math.min(low, view.low(ago));
      }
      if (high === low) return 'HOLD';
      const place = (view.close() - low) / (high - low);
      const target = place <= deep ? 1 : place < 0.5 ? 0.5 : 0;
      return { target, reason: `close at ${place.toFixed(2)} of the range of ${lookback} bars` };
    },
  }),
};

export default strategy;
