import type { FoldSection, OutOfSampleSection } from '../../judgement/fold-outcome.ts';
import { decimal, percent } from '../../number-format.ts';
import { numberFormat } from './chart-axes.ts';
import type { Chart } from './render-chart.ts';

/** Information coefficient of each fold's test window; the line and band are the pooled one and its 95 % interval. */
export function coefficientChart(folds: readonly FoldSection[], pooled: OutOfSampleSection): Chart {
  const values = folds
    .filter((fold) => fold.informationCoefficient !== null)
    .map((fold) => ({
      fold: String(fold.fold),
      ic: fold.informationCoefficient,
      color: fold.informationCoefficient! < 0 ? 'var(--loss)' : 'var(--strategy)',
    }));
  const interval = pooled.intervals.informationCoefficient;
  const ends = [0, ...values.map(({ ic }) => ic!), ...(interval ?? [])];
  const format = numberFormat(Math.min(...ends), Math.max(...ends), 5, 2);
  const y = { type: 'quantitative', title: null, axis: { format, tickCount: 5 } };
  const positive = values.filter(({ ic }) => ic! > 0).length;
  const constant = (field: string, value: number, dash: number[]): object => ({
    data: { values: [{ [field]: value }] },
    mark: { type: 'rule', color: 'var(--ink)', strokeDash: dash, strokeWidth: 1.2 },
    encoding: { y: { ...y, field } },
  });
  return {
    id: 'coefficient',
    size: 'wide',
    heights: { wide: 200, narrow: 180 },
    alt:
      `Information coefficient of each of ${folds.length} folds; ${positive} are above 0. ` +
      `Pooled: ${decimal(pooled.informationCoefficient, 3)}.`,
    spec: {
      layer: [
        ...(interval === null
          ? []
          : [
              {
                data: { values: [{ low: interval[0], high: interval[1] }] },
                mark: { type: 'rect', color: 'var(--band)' },
                encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
              },
            ]),
        {
          data: { values },
          mark: { type: 'bar', width: { band: 0.7 } },
          encoding: {
            x: {
              field: 'fold',
              type: 'ordinal',
              title: 'fold',
              sort: null,
              axis: { labelAngle: 0, labelOverlap: true },
            },
            y: { ...y, field: 'ic' },
            color: { field: 'color', type: 'nominal', scale: null },
          },
        },
        constant('zero', 0, [1, 0]),
        ...(pooled.informationCoefficient === null ? [] : [constant('pooled', pooled.informationCoefficient, [5, 3])]),
      ],
    },
  };
}

/** Predicted probability against what came true: on the diagonal, probabilities mean what they say. */
export function calibrationChart({ calibration }: OutOfSampleSection): Chart {
  const ends = calibration.flatMap(({ predicted, observed }) => [predicted, observed]);
  const low = Math.max(0, Math.floor(Math.min(...ends) * 20 - 0.5) / 20);
  const high = Math.min(1, Math.ceil(Math.max(...ends) * 20 + 0.5) / 20);
  const axis = (field: string, title: string): object => ({
    field,
    type: 'quantitative',
    title,
    scale: { domain: [low, high], nice: false },
    axis: { format: '.0%', tickCount: 5 },
  });
  const encoding = { x: axis('predicted', 'predicted probability of up'), y: axis('observed', 'share that went up') };
  const values = calibration.map(({ predicted, observed, rows }) => ({ predicted, observed, rows }));
  const worst = values.reduce((most, bin) => Math.max(most, Math.abs(bin.predicted - bin.observed)), 0);
  return {
    id: 'calibration',
    size: 'half',
    alt: `Calibration of ${values.length} groups of equal size; the largest distance from the diagonal is ${percent(worst, 1)}.`,
    spec: {
      layer: [
        {
          data: { values: [low, high].map((value) => ({ predicted: value, observed: value })) },
          mark: { type: 'line', color: 'var(--muted)', strokeDash: [4, 4], strokeWidth: 1 },
          encoding,
        },
        { data: { values }, mark: { type: 'line', color: 'var(--strategy)', strokeWidth: 1.4 }, encoding },
        {
          data: { values },
          mark: { type: 'point', filled: true, size: 55, opacity: 1, color: 'var(--strategy)' },
          encoding,
        },
      ],
    },
  };
}
