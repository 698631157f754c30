import type { OwnFeature } from 'signalbox';

/** Where the close stands between the lowest low and the highest high of the last bars: 0 at the low, 1 at the high. */
const reachOfRange: OwnFeature<{ bars: number }> = {
  name: 'reach',
  parameters: { bars: { default: 10, min: 1, max: 500, whole: true } },
  warmUpBars: ({ bars }) => bars - 1,
  value(view, { bars }) {
    let low = view.low();
    let high = view.high();
    for (let ago = 1; ago < bars; ago++) {
      low = Math.min(low, view.low(ago));
      high = Math.max(high, view.high(ago));
    }
    return high > low ? (view.close() - low) / (high - low) : 0.5;
  },
};

export default reachOfRange;
