import type { AlertRule } from './alert-metric.ts';

const rule = (one: Omit<AlertRule, 'windowSeconds' | 'session' | 'channels' | 'enabled'>): AlertRule => ({
  ...one,
  windowSeconds: null,
  session: null,
  channels: null,
  enabled: true,
});

/** Rules that hold unless one of the same name is stored. Thresholds of money are those of `../../prometheus`. */
export const BUILT_IN_RULES: readonly AlertRule[] = [
  rule({
    ...{ name: 'drawdown', metric: 'drawdown-ratio', above: true, threshold: 0.1 },
    ...{ forSeconds: 60, severity: 'warning' },
  }),
  rule({
    ...{ name: 'drawdown-deep', metric: 'drawdown-ratio', above: true, threshold: 0.2 },
    ...{ forSeconds: 0, severity: 'critical' },
  }),
  rule({
    ...{ name: 'day-loss', metric: 'day-return-ratio', above: false, threshold: -0.03 },
    ...{ forSeconds: 60, severity: 'warning' },
  }),
  rule({
    ...{ name: 'margin-used', metric: 'margin-used-ratio', above: true, threshold: 0.9 },
    ...{ forSeconds: 300, severity: 'warning' },
  }),
  rule({
    ...{ name: 'limit-near', metric: 'limit-used-ratio', above: true, threshold: 0.9 },
    ...{ forSeconds: 60, severity: 'warning' },
  }),
  rule({
    ...{ name: 'session-not-running', metric: 'session-down', above: true, threshold: 1 },
    ...{ forSeconds: 60, severity: 'critical' },
  }),
  rule({
    ...{ name: 'anomaly', metric: 'anomalies', above: true, threshold: 1 },
    ...{ forSeconds: 0, severity: 'warning' },
  }),
  rule({
    ...{ name: 'disk-nearly-full', metric: 'disk-free-ratio', above: false, threshold: 0.1 },
    ...{ forSeconds: 60, severity: 'critical' },
  }),
  rule({
    ...{ name: 'database-large', metric: 'database-size-bytes', above: true, threshold: 100e9 },
    ...{ forSeconds: 60, severity: 'warning' },
  }),
];
