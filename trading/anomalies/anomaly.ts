/** Something that lies far out of its own past, as it was known before. */
export interface Anomaly {
  /** When it was known: the close of a bar, the moment of a fill, the last prediction of a block. */
  readonly timeMs: number;
  readonly of: 'market' | 'fills' | 'model';
  readonly kind: AnomalyKind;
  /** Null: of all symbols together. */
  readonly symbol: string | null;
  readonly value: number;
  /** What was usual before: a median, or the bound that the value is beyond. */
  readonly usual: number;
  /** How far out it is, in standard deviations as the past has them; above 0. */
  readonly score: number;
}

export type AnomalyKind = keyof typeof ANOMALY_KINDS;

/** What is looked at, in words, and in what it is measured. */
export const ANOMALY_KINDS = {
  jump: { words: 'a return that the volatility just before does not explain', unit: 'percent' },
  range: { words: 'the range of a bar, high over low', unit: 'percent' },
  volume: { words: 'the volume of a bar', unit: 'number' },
  stuck: { words: 'closes that do not move, one after the other', unit: 'bars' },
  slippage: { words: 'the cost of a fill beside its price', unit: 'bps' },
  distance: { words: 'the price of a fill beside the one that was decided on, against us', unit: 'bps' },
  delay: { words: 'from the decision to the fill', unit: 'ms' },
  probability: { words: 'the mean probability that a model gives', unit: 'share' },
  confidence: { words: 'how far from even a model’s probabilities are', unit: 'share' },
  unlike: { words: 'how unlike its training the rows of a model are', unit: 'share' },
} as const satisfies Record<string, { readonly words: string; readonly unit: AnomalyUnit }>;

type AnomalyUnit = 'percent' | 'number' | 'bars' | 'bps' | 'ms' | 'share';

/** From how many standard deviations on something is an anomaly, where nothing else is said. */
export const LEAST_SCORE = 6;
/** Below this, most of what is found is chance. */
export const LEAST_MIN = 3;

const COUNT = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** A value of a kind as people read it. */
export function anomalyValue(kind: AnomalyKind, value: number): string {
  const { unit } = ANOMALY_KINDS[kind];
  if (unit === 'percent') return `${(100 * value).toFixed(2)} %`;
  if (unit === 'number') return COUNT.format(value);
  if (unit === 'bars') return `${value} bars`;
  if (unit === 'bps') return `${value.toFixed(1)} bp`;
  return unit === 'ms' ? `${COUNT.format(value)} ms` : value.toFixed(3);
}

/** What was found, in a line: `AAA: the volume of a bar: 5,000,000, usually 900,000`. */
export function anomalyText({ kind, symbol, value, usual }: Anomaly): string {
  const { words } = ANOMALY_KINDS[kind];
  const of = symbol === null ? '' : `${symbol}: `;
  return `${of}${words}: ${anomalyValue(kind, value)}, usually ${anomalyValue(kind, usual)}`;
}
