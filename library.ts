// What a program imports: `import { readBars, backtest } from 'signalbox'`. The reference is in backtest/library.
export { barsOf, readBars, sampleBars } from './backtest/library/input-bars.ts';
export { column, dataset, features, fit, walkForward } from './backtest/library/learning.ts';
export { backtest } from './backtest/library/backtest.ts';
export { loadModel } from './models/estimators/registry.ts';
export { InputError } from './infra/errors.ts';
export type { BarInput, Bars, ReadBarsOptions } from './backtest/library/input-bars.ts';
export type { FitOptions, MarketOptions, WalkForward } from './backtest/library/learning.ts';
export type { BacktestOptions } from './backtest/library/backtest.ts';
export type { ExperimentInput } from './backtest/library/experiment-of.ts';
export type { Bar, BarColumns } from './features/bar.ts';
export type { FeatureMatrix } from './features/feature-matrix.ts';
export type { Dataset } from './models/dataset.ts';
export type { FittedModel, SerialisedModel } from './models/estimators/estimator.ts';
export type { Predictions } from './models/training/fold/predictions.ts';
export type { BacktestResult } from './backtest/judgement/result.ts';
export type * from './own-files.ts';
