// What a user's files import, as types: `import type { OwnStrategy } from 'signalbox'`. They are checked against these
// alone.
export type * from './trading/strategies/own/own-strategy.ts';
export type * from './trading/brokers/simulated/own-costs.ts';
export type * from './trading/risk/own-sizer.ts';
export type * from './infra/own-files/own-feature.ts';
export type * from './models/estimators/own/own-estimator.ts';
