import type { FeatureDefinition } from './kernel.ts';
import { atr } from './kernels/atr.ts';
import { beta } from './kernels/beta.ts';
import { bollinger } from './kernels/bollinger.ts';
import { closeLocation } from './kernels/close-location.ts';
import { ema } from './kernels/ema.ts';
import { lag } from './kernels/lag.ts';
import { macd } from './kernels/macd.ts';
import { rank } from './kernels/rank.ts';
import { roc, simpleReturn } from './kernels/roc.ts';
import { rsi } from './kernels/rsi.ts';
import { sma } from './kernels/sma.ts';
import { stdev } from './kernels/stdev.ts';
import { trueRange } from './kernels/true-range.ts';
import { zscore } from './kernels/zscore.ts';

const DEFINITIONS: readonly FeatureDefinition[] = [
  atr,
  beta,
  bollinger,
  closeLocation,
  ema,
  lag,
  macd,
  rank,
  roc,
  rsi,
  simpleReturn,
  sma,
  stdev,
  trueRange,
  zscore,
];

/** Every feature that the text form knows, by its name. */
export const FEATURES: ReadonlyMap<string, FeatureDefinition> = new Map(DEFINITIONS.map((one) => [one.name, one]));
