/** Names that other libraries have for what is meant: their users write them, and no slip of the keys explains it. */
const MEANT: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    n_estimators: ['trees', 'rounds'],
    num_boost_round: ['rounds'],
    num_trees: ['trees', 'rounds'],
    iterations: ['rounds', 'epochs'],
    eta: ['learningRate'],
    max_features: ['features', 'featureFraction'],
    colsample_bytree: ['featureFraction'],
    subsample: ['rowFraction'],
    max_samples: ['rowFraction'],
    min_samples_leaf: ['minLeafRows', 'leafHessianMin'],
    min_child_weight: ['leafHessianMin', 'minLeafRows'],
    reg_lambda: ['lambda'],
    gamma: ['gainMin'],
    min_split_gain: ['gainMin'],
    early_stopping_rounds: ['patience'],
    n_iter_no_change: ['patience'],
    hidden_layer_sizes: ['layers'],
    alpha: ['strength', 'l2'],
    c: ['strength'],
    max_bin: ['maxBins'],
    units: ['layers'],
    symbols: ['universe'],
    tickers: ['universe'],
    interval: ['timeframe'],
    commission: ['feeBps'],
    cash: ['capital'],
  }),
);

/** The valid name that `key` of another library stands for; null where there is none. */
export function meantBy(key: string, valid: readonly string[]): string | null {
  return MEANT.get(key.toLowerCase())?.find((name) => valid.includes(name)) ?? null;
}
