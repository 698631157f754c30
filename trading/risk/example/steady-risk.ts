import type { OwnSizer } from 'signalbox';

/**
 * Risks the same each year: the calmer the market, the larger the position, and the surer the signal. Nothing before
 * the volatility is known.
 */
const steadyRisk: OwnSizer<{ yearly: number; most: number }> = {
  parameters: {
    yearly: { default: 0.1, min: 0.01, max: 1 },
    most: { default: 0.5, min: 0, max: 1 },
  },
  size({ yearlyVolatility, confidence }, { yearly, most }) {
    if (yearlyVolatility === null) return { fraction: 0 };
    const calm = yearlyVolatility > 0 ? yearly / yearlyVolatility : most;
    return { fraction: Math.min(most, calm) * (0.5 + confidence / 2) };
  },
};

export default steadyRisk;
