/** Parameters of rules that look back a few bars only, so that a short walk of prices makes them speak. */
export const SHORT_PARAMETERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'sma-cross': { fast: 2, slow: 5 },
  'ema-cross': { fast: 2, slow: 5 },
  'rsi-reversion': { period: 3, oversold: 45, overbought: 55 },
  'mean-reversion': { lookback: 5, entryZScore: 1, exitZScore: 0 },
  grid: { lookback: 5, step: 0.01, levels: 3 },
  'regime-selector': { lookback: 5, trending: 0.3, fast: 2, slow: 5 },
  momentum: { lookback: 2, threshold: 0.001 },
  breakout: { lookback: 4 },
  portfolio: { lookback: 6, band: 0 },
  pairs: { lookback: 6, entryZScore: 1, exitZScore: 0.2 },
};
