import { quantile } from '../../../models/scores/block-bootstrap.ts';
import type { SessionResult } from '../../../trading/session-result.ts';
import { thinned } from '../../statistics/thinned.ts';
import { drawdownSeries } from '../../statistics/drawdown.ts';
import type { RandomRun } from '../../judgement/baselines.ts';
import type { Evaluation } from '../../judgement/evaluation.ts';
import { amount, decimal, percent } from '../../number-format.ts';
import { amountFormat, percentFormat, timeAxis, type TimeAxis } from './chart-axes.ts';
import type { Chart } from './render-chart.ts';

const TICKS = 6;
const FALL_TICKS = 4;

interface Line {
  readonly session: SessionResult;
  readonly color: string;
  readonly dash: readonly number[];
  readonly width: number;
}

/** Equity of the strategy over its baselines, in currency; `log` gives equal distances to equal ratios. */
export function equityChart({ session, baselines, market, measured }: Evaluation, scale: 'linear' | 'log'): Chart {
  const lines: Line[] = [
    ...(baselines.sameExposure === null
      ? []
      : [{ session: baselines.sameExposure, color: 'var(--same)', dash: [6, 3], width: 1.6 }]),
    { session: baselines.buyAndHold, color: 'var(--hold)', dash: [2, 2], width: 1.6 },
    { session, color: 'var(--strategy)', dash: [1, 0], width: 2.2 },
  ];
  const points = thinned(session.equity);
  const axis = timeAxis(session.timeMs, market.dayOf);
  const drawn = lines.map((line) => ({ ...line, values: valuesOf(line.session.equity, points, axis) }));
  const band = randomBand(baselines.random, points, axis);
  const y = valueAxis([...drawn.flatMap(({ values }) => values.map(({ v }) => v)), ...band.flatMap(boundsOf)], scale);
  const { performance } = measured;
  return {
    id: `equity-${scale}`,
    size: 'wide',
    alt:
      `Equity of the strategy (${scale} scale), from ${roughly(performance.initialCapital)} to ${roughly(performance.finalEquity)}, ` +
      `beside buy-and-hold, which ends at ${roughly(baselines.buyAndHold.equity.at(-1)!)}.`,
    spec: {
      layer: [
        ...(band.length === 0
          ? []
          : [
              {
                data: { values: band },
                mark: { type: 'area', color: 'var(--band)' },
                encoding: { x: axis.encoding, y: { ...y, field: 'low' }, y2: { field: 'high' } },
              },
            ]),
        ...drawn.map(({ values, color, dash, width }) => ({
          data: { values },
          mark: { type: 'line', color, strokeDash: dash, strokeWidth: width },
          encoding: { x: axis.encoding, y: { ...y, field: 'v' } },
        })),
      ],
    },
  };
}

/** Room for every value, in labels that all differ. Equal distances to equal ratios need values above 0. */
function valueAxis(values: readonly number[], scale: 'linear' | 'log'): object {
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const axis = { format: amountFormat(low, high, TICKS), tickCount: TICKS };
  const logarithmic = scale === 'log' && low > 0;
  return {
    ...{ type: 'quantitative', title: null, axis },
    // Within one power of ten a rounded logarithmic scale would be mostly empty.
    scale: logarithmic ? { type: 'log', nice: high > 10 * low } : { type: 'linear', zero: false, nice: true },
  };
}

function valuesOf(values: ArrayLike<number>, points: readonly number[], axis: TimeAxis): { t: number; v: number }[] {
  return points.map((mark) => ({ t: axis.at(mark), v: rounded(values[mark]!) }));
}

interface Bounds {
  readonly t: number;
  readonly low: number;
  readonly high: number;
}

const boundsOf = ({ low, high }: Bounds): number[] => [low, high];

/** Nine of ten random runs are inside. */
function randomBand(runs: readonly RandomRun[], points: readonly number[], axis: TimeAxis): Bounds[] {
  if (runs.length < 5) return [];
  return points.map((mark, point) => {
    const values = Float64Array.from(runs, ({ drawn }) => drawn[point]!).sort();
    return { t: axis.at(mark), low: rounded(quantile(values, 0.05)), high: rounded(quantile(values, 0.95)) };
  });
}

/** Drawdown of the strategy as an area, of buy-and-hold as a line. */
export function drawdownChart({ session, baselines, market, measured }: Evaluation): Chart {
  const points = thinned(session.equity);
  const axis = timeAxis(session.timeMs, market.dayOf);
  const [own, hold] = [session, baselines.buyAndHold].map(({ equity }) =>
    valuesOf(drawdownSeries(equity), points, axis),
  );
  const deepest = [...own!, ...hold!].reduce((least, { v }) => Math.min(least, v), 0);
  const x = axis.encoding;
  const y = {
    ...{ field: 'v', type: 'quantitative', title: null },
    axis: { format: percentFormat(deepest, 0, FALL_TICKS), tickCount: FALL_TICKS },
    // Where nothing fell there is still an axis to draw.
    ...(deepest === 0 ? { scale: { domain: [-0.01, 0] } } : {}),
  };
  const { maxDrawdown, maxDrawdownFrom, maxDrawdownTo } = measured.performance;
  const when =
    maxDrawdownFrom === null ? '' : ` from ${maxDrawdownFrom.slice(0, 10)} to ${maxDrawdownTo!.slice(0, 10)}`;
  return {
    id: 'drawdown',
    size: 'wide',
    heights: { wide: 170, narrow: 150 },
    alt: `Fall of equity below its highest value so far; the deepest is ${percent(maxDrawdown)}${when}.`,
    spec: {
      layer: [
        {
          data: { values: own },
          mark: {
            type: 'area',
            color: 'var(--strategy)',
            opacity: 0.3,
            line: { color: 'var(--strategy)', strokeWidth: 1.4 },
          },
          encoding: { x, y },
        },
        {
          data: { values: hold },
          mark: { type: 'line', color: 'var(--hold)', strokeDash: [2, 2], strokeWidth: 1.4 },
          encoding: { x, y },
        },
      ],
    },
  };
}

/** Nine significant digits: an equity of 1,000,000 may move by less than 100 in a day. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

/** An amount without its cents where nobody would miss them. */
const roughly = (value: number): string => (Math.abs(value) >= 100 ? decimal(value, 0) : amount(value));
