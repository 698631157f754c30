/** A named, versioned list of features. Whoever changes the list raises the version. */
export interface RegisteredSet {
  readonly name: string;
  readonly version: number;
  readonly expressions: readonly string[];
}

/**
 * For learning: ratios, oscillators and shapes that mean the same at any price level and in any decade, no raw prices
 * or volumes. Every one is finite on flat bars and without volume.
 */
const core: RegisteredSet = {
  name: 'core',
  version: 1,
  expressions: [
    // Returns.
    'return(1)',
    'return(2)',
    'return(3)',
    'return(5)',
    'return(10)',
    'return(20)',
    'return(60)',
    // Trend.
    'distance(sma(10))',
    'distance(ema(20))',
    'distance(sma(50))',
    'ppo(12,26,9).histogram',
    'adx(14).adx',
    'difference(adx(14).plusDi,adx(14).minusDi)',
    'aroon(25).oscillator',
    'supertrend(10,3).direction',
    // Momentum.
    'rsi(2)',
    'rsi(14)',
    'stoch(14,3,3).k',
    'cci(20)',
    'cmo(14)',
    'uo(7,14,28)',
    // Volatility.
    'natr(14)',
    'realised(20)',
    'ratio(realised(5),realised(20))',
    'parkinson(20)',
    'yangzhang(20)',
    'bollinger(20,2).percentB',
    'bollinger(20,2).width',
    // Volume.
    'mfi(14)',
    'cmf(20)',
    'volumeratio(20)',
    'zscore(volume,60)',
    // Shape of the bar.
    'closelocation()',
    'body()',
    'gap()',
    'upperwick()',
    'lowerwick()',
    'rangeatr(14)',
    // Place in, and shape of, the recent distribution.
    'zscore(close,20)',
    'zscore(close,60)',
    'percentrank(close,60)',
    'skewness(return(1),60)',
    'autocorrelation(return(1),60,1)',
  ],
};

/** Every set that can be asked for by name. */
export const REGISTERED_SETS: ReadonlyMap<string, RegisteredSet> = new Map([[core.name, core]]);
