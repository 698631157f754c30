import type { AlertSeverity } from '../alert.ts';

/** What a rule may watch: of what it is measured, in what unit, and what it says. */
export const ALERT_METRICS = {
  'drawdown-ratio': { of: 'session', unit: 'ratio', words: 'how far equity is below its peak, as a share of the peak' },
  'day-return-ratio': { of: 'session', unit: 'ratio', words: 'the change of equity over the trading day, as a share' },
  'margin-used-ratio': { of: 'session', unit: 'ratio', words: 'what positions take of the equity that backs them' },
  'leverage-ratio': { of: 'session', unit: 'number', words: 'the sum of absolute positions over equity' },
  'limit-used-ratio': { of: 'session', unit: 'ratio', words: 'the largest share of a risk limit that is used' },
  equity: { of: 'session', unit: 'number', words: 'cash and positions, in the currency of the account' },
  'session-down': { of: 'session', unit: 'number', words: '1 while nothing runs a session that nobody has stopped' },
  anomalies: {
    of: 'session',
    unit: 'number',
    words: 'what lies far out of its own past: in bars, fills and predictions',
    windowSeconds: 900,
  },
  'disk-free-ratio': { of: 'machine', unit: 'ratio', words: 'the free share of the disk of the data folder' },
  'disk-free-bytes': { of: 'machine', unit: 'bytes', words: 'free bytes on the disk of the data folder' },
  'database-size-bytes': { of: 'database', unit: 'bytes', words: 'the size of the database' },
  'close-to-feed-p99-ms': {
    of: 'session',
    unit: 'ms',
    words: 'from the close of a bar until it is here, 99th percentile',
    windowSeconds: 900,
  },
  'feed-to-decision-p99-ms': {
    of: 'session',
    unit: 'ms',
    words: 'from a bar to the decision on it, 99th percentile',
    windowSeconds: 900,
  },
  'decision-to-request-p99-ms': {
    of: 'session',
    unit: 'ms',
    words: 'from a decision until its order is sent, 99th percentile',
    windowSeconds: 900,
  },
  'decision-to-acknowledgement-p99-ms': {
    of: 'session',
    unit: 'ms',
    words: 'from a decision until the venue answers to its order, 99th percentile',
    windowSeconds: 900,
  },
  'decision-to-fill-p99-ms': {
    of: 'session',
    unit: 'ms',
    words: 'from a decision to the first execution of its order, 99th percentile',
    windowSeconds: 900,
  },
} as const satisfies Record<string, AlertMetric>;

interface AlertMetric {
  readonly of: 'session' | 'machine' | 'database';
  readonly unit: 'ratio' | 'number' | 'bytes' | 'ms';
  readonly words: string;
  /** Of one that is a figure of what happened in the last while: of how much of it, unless a rule says otherwise. */
  readonly windowSeconds?: number;
}

export type AlertMetricName = keyof typeof ALERT_METRICS;
export const ALERT_METRIC_NAMES = Object.keys(ALERT_METRICS) as [AlertMetricName, ...AlertMetricName[]];

/** The window of a metric that has one, where nothing else is said; null for one that is measured at a moment. */
export function windowOf(metric: AlertMetricName): number | null {
  const known: AlertMetric = ALERT_METRICS[metric];
  return known.windowSeconds ?? null;
}

/** A metric as it was measured of something. */
export interface Reading {
  readonly metric: AlertMetricName;
  /** Of what: a session, a machine, the database. Unique within a metric. */
  readonly subject: string;
  readonly session: string | null;
  /** Not finite: it is not known, and left out. */
  readonly value: number;
  /** What of it is meant, in words, such as which limit. */
  readonly note?: string;
  /** Over how much of the last while it was measured; absent: over that of its metric. */
  readonly windowSeconds?: number;
}

/** What measures. `read` rejects where it cannot: then nothing is said of what it measures. */
export interface ReadingSource {
  /** The same in every process that measures the same. */
  readonly name: string;
  /** @param windows in seconds, over which what has a window is measured; absent: over that of each metric */
  read(windows?: readonly number[]): Promise<readonly Reading[]>;
}

/** When a metric is an alert. */
export interface AlertRule {
  /** In kebab-case; the type of its alerts too. */
  readonly name: string;
  readonly metric: AlertMetricName;
  /** At or above the threshold; false: at or below it. */
  readonly above: boolean;
  readonly threshold: number;
  /** It is one once it has held for so long. */
  readonly forSeconds: number;
  /** Over how much of the last while a metric is measured that has a window; null: over that of the metric. */
  readonly windowSeconds: number | null;
  readonly severity: AlertSeverity;
  /** Of this session alone; null: of whatever is measured. */
  readonly session: string | null;
  /** Channels that are told; null: as for every alert. */
  readonly channels: readonly string[] | null;
  readonly enabled: boolean;
}

/** A value of a metric as people read it. */
export function valueText(metric: AlertMetricName, value: number): string {
  const { unit } = ALERT_METRICS[metric];
  if (unit === 'ratio') return `${(100 * value).toFixed(1)} %`;
  if (unit === 'bytes') return `${(value / 1e9).toFixed(2)} GB`;
  if (unit === 'ms') return `${Math.round(value * 10) / 10} ms`;
  return String(Math.round(value * 1e4) / 1e4);
}
