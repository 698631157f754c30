import type { FeatureDefinition } from './kernel.ts';
import { events } from './events/event-feature.ts';
import { adl, chaikin, cmf } from './kernels/accumulation.ts';
import { adx } from './kernels/adx.ts';
import { aroon } from './kernels/aroon.ts';
import { atr } from './kernels/atr.ts';
import { body, gap, lowerWick, upperWick } from './kernels/bar-shape.ts';
import { barVolatility } from './kernels/bar-volatility.ts';
import { beta } from './kernels/beta.ts';
import { bollinger } from './kernels/bollinger.ts';
import { dayOfMonth, monthOfYear, timeOfDay, weekday } from './kernels/calendar.ts';
import { cci } from './kernels/cci.ts';
import { chandelier, donchian, keltner } from './kernels/channels.ts';
import { closeLocation } from './kernels/close-location.ts';
import { absolute, difference, distance, highest, lowest, naturalLog, ratio } from './kernels/combine.ts';
import { correlation, pairCorrelation } from './kernels/correlation.ts';
import { crossZScore } from './kernels/cross-zscore.ts';
import { autocorrelation, kurtosis, percentRank, skewness } from './kernels/distribution.ts';
import { ema } from './kernels/ema.ts';
import { garch } from './kernels/garch.ts';
import { har } from './kernels/har.ts';
import { hma } from './kernels/hma.ts';
import { ichimoku } from './kernels/ichimoku.ts';
import { kama } from './kernels/kama.ts';
import { lag } from './kernels/lag.ts';
import { macd } from './kernels/macd.ts';
import { fractionalDifference, hurst } from './kernels/memory.ts';
import { mfi } from './kernels/mfi.ts';
import { diff, logReturn, momentum } from './kernels/momentum.ts';
import { dema, tema, trix } from './kernels/nested-ema.ts';
import { otherSymbol } from './kernels/other-symbol.ts';
import { obv } from './kernels/obv.ts';
import { awesome, cmo, ppo, ultimate } from './kernels/oscillators.ts';
import { psar } from './kernels/psar.ts';
import { rank } from './kernels/rank.ts';
import { natr, rangeOverAtr } from './kernels/relative-range.ts';
import { regime } from './kernels/regime.ts';
import { riskMetrics } from './kernels/riskmetrics.ts';
import { roc, simpleReturn } from './kernels/roc.ts';
import { rsi } from './kernels/rsi.ts';
import { sma } from './kernels/sma.ts';
import { stdev } from './kernels/stdev.ts';
import { stoch, stochRsi, willr } from './kernels/stochastic.ts';
import { supertrend } from './kernels/supertrend.ts';
import { trueRange } from './kernels/true-range.ts';
import { ulcer } from './kernels/ulcer.ts';
import { garmanKlass, parkinson, realised, yangZhang } from './kernels/volatility.ts';
import { force, volumeRatio } from './kernels/volume.ts';
import { vortex } from './kernels/vortex.ts';
import { vwap } from './kernels/vwap.ts';
import { wma } from './kernels/wma.ts';
import { zscore } from './kernels/zscore.ts';
import { PATTERNS } from './patterns/patterns.ts';

const DEFINITIONS: readonly FeatureDefinition[] = [
  absolute,
  adl,
  adx,
  aroon,
  atr,
  autocorrelation,
  awesome,
  barVolatility,
  beta,
  body,
  bollinger,
  cci,
  chaikin,
  chandelier,
  closeLocation,
  cmf,
  cmo,
  correlation,
  crossZScore,
  dayOfMonth,
  dema,
  diff,
  difference,
  distance,
  donchian,
  ema,
  events,
  force,
  fractionalDifference,
  gap,
  garch,
  garmanKlass,
  har,
  highest,
  hma,
  hurst,
  ichimoku,
  kama,
  keltner,
  kurtosis,
  lag,
  logReturn,
  lowerWick,
  lowest,
  macd,
  mfi,
  momentum,
  monthOfYear,
  natr,
  naturalLog,
  obv,
  otherSymbol,
  pairCorrelation,
  parkinson,
  percentRank,
  ppo,
  psar,
  rangeOverAtr,
  rank,
  ratio,
  realised,
  regime,
  riskMetrics,
  roc,
  rsi,
  simpleReturn,
  skewness,
  sma,
  stdev,
  stoch,
  stochRsi,
  supertrend,
  tema,
  timeOfDay,
  trix,
  trueRange,
  ulcer,
  ultimate,
  upperWick,
  volumeRatio,
  vortex,
  vwap,
  weekday,
  willr,
  wma,
  yangZhang,
  zscore,
  ...PATTERNS,
];

/** Every feature that the text form knows, by its name. */
export const FEATURES: ReadonlyMap<string, FeatureDefinition> = new Map(DEFINITIONS.map((one) => [one.name, one]));
