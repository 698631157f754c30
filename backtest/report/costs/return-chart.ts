import { percentFormat } from '../charts/chart-axes.ts';
import type { Chart } from '../charts/render-chart.ts';

const TICKS = 5;

interface ReturnChart extends Pick<Chart, 'id' | 'alt'> {
  /** Total return, a fraction, at each value of what was changed. */
  readonly values: readonly { readonly at: number; readonly totalReturn: number }[];
  /** The channel of `at`, without its field. */
  readonly x: object;
}

/** Total returns of further runs as points on a line, with the level at which nothing is left. */
export function returnChart({ id, alt, values, x }: ReturnChart): Chart {
  const totals = [0, ...values.map(({ totalReturn }) => totalReturn)];
  const format = percentFormat(Math.min(...totals), Math.max(...totals), TICKS);
  const y = { field: 'totalReturn', type: 'quantitative', title: null, axis: { format, tickCount: TICKS } };
  const encoding = { x: { field: 'at', type: 'quantitative', ...x }, y };
  const color = 'var(--strategy)';
  return {
    ...{ id, alt, size: 'wide', heights: { wide: 170, narrow: 160 } },
    spec: {
      layer: [
        { data: { values: [{ totalReturn: 0 }] }, mark: { type: 'rule', color: 'var(--muted)' }, encoding: { y } },
        { data: { values }, mark: { type: 'line', color, strokeWidth: 1.6 }, encoding },
        { data: { values }, mark: { type: 'point', filled: true, size: 50, opacity: 1, color }, encoding },
      ],
    },
  };
}
