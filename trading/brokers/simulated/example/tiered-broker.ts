import type { OwnCosts } from 'signalbox';

/** A broker that charges by the unit with a minimum for an order, in a market that gives way to what is large. */
const tieredBroker: OwnCosts<{ perUnit: number; least: number; impactBps: number }> = {
  parameters: {
    perUnit: { default: 0.005, min: 0 },
    least: { default: 1, min: 0 },
    impactBps: { default: 10, min: 0 },
  },
  charge({ units, first }, { perUnit, least }) {
    return first ? Math.max(least, perUnit * units) : perUnit * units;
  },
  slippage({ units, volumeBefore }, { impactBps }) {
    const share = volumeBefore > 0 ? Math.min(1, units / volumeBefore) : 1;
    return impactBps * 1e-4 * Math.sqrt(share);
  },
};

export default tieredBroker;
