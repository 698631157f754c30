import { DAY_MS } from '../../features/timeframe.ts';
import { quantile } from '../../models/scores/block-bootstrap.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import { dailyEquity, type DailyEquity } from '../statistics/daily-returns.ts';
import { drawdownSeries } from '../statistics/drawdown.ts';
import type { Evaluation } from '../judgement/evaluation.ts';
import { decimal, percent } from '../number-format.ts';
import type { Chart } from './render-chart.ts';
import type { DayOf } from '../../pipelines/calendars/market-days.ts';

/** Points drawn per line: more would be finer than the lines are thick. */
const POINTS_MAX = 520;

/**
 * Indices that draw `values` as all of them would: the first, the last, and the lowest and highest of each stretch, so
 * that no peak or trough is lost. At most `most`, give or take the ends.
 */
export function thinned(values: ArrayLike<number>, most = POINTS_MAX): number[] {
  const { length } = values;
  if (length <= most) return Array.from({ length }, (_, index) => index);
  const kept = new Set([0, length - 1]);
  const stretches = Math.floor(most / 2);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    let low = from;
    let high = from;
    for (let i = from + 1; i < to; i++) {
      if (values[i]! < values[low]!) low = i;
      if (values[i]! > values[high]!) high = i;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

const TIME_AXIS = { format: '%Y', tickCount: 8, labelOverlap: true, grid: false };

/** A time axis in UTC whose labels suit the length of the record. */
function timeEncoding({ timeMs }: Pick<DailyEquity, 'timeMs'>): object {
  const years = (timeMs.at(-1)! - timeMs[0]!) / (365.25 * DAY_MS);
  const format = years > 4 ? '%Y' : years > 0.3 ? '%b %Y' : '%d %b';
  const tickCount = years > 4 ? { interval: 'year', step: Math.ceil(years / 10) } : 6;
  return {
    field: 't',
    type: 'temporal',
    scale: { type: 'utc' },
    title: null,
    axis: { ...TIME_AXIS, format, tickCount },
  };
}

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
  const points = thinned(measured.daily.equity);
  const y = {
    type: 'quantitative',
    title: null,
    axis: { format: '~s', tickCount: 6 },
    scale: scale === 'log' ? { type: 'log', nice: true } : { type: 'linear', zero: false, nice: true },
  };
  const band = randomBand(baselines.random, market.dayOf, points);
  const { performance } = measured;
  return {
    id: `equity-${scale}`,
    size: 'wide',
    alt:
      `Equity of the strategy (${scale} scale), from ${decimal(performance.initialCapital, 0)} to ${decimal(performance.finalEquity, 0)}, ` +
      `beside buy-and-hold, which ends at ${decimal(baselines.buyAndHold.equity.at(-1)!, 0)}.`,
    spec: {
      layer: [
        ...(band.length === 0
          ? []
          : [
              {
                data: { values: band },
                mark: { type: 'area', color: 'var(--band)' },
                encoding: { x: timeEncoding(measured.daily), y: { ...y, field: 'low' }, y2: { field: 'high' } },
              },
            ]),
        ...lines.map((line) => ({
          data: { values: valuesOf(dailyEquity(line.session.timeMs, line.session.equity, market.dayOf), points) },
          mark: { type: 'line', color: line.color, strokeDash: line.dash, strokeWidth: line.width },
          encoding: { x: timeEncoding(measured.daily), y: { ...y, field: 'v' } },
        })),
      ],
    },
  };
}

function valuesOf({ timeMs, equity }: DailyEquity, points: readonly number[]): { t: number; v: number }[] {
  return points.map((day) => ({ t: timeMs[day]!, v: rounded(equity[day]!) }));
}

/** Nine of ten random runs are inside. */
function randomBand(runs: readonly SessionResult[], dayOf: DayOf, points: readonly number[]): object[] {
  if (runs.length < 5) return [];
  const daily = runs.map((run) => dailyEquity(run.timeMs, run.equity, dayOf));
  return points.map((day) => {
    const values = Float64Array.from(daily, ({ equity }) => equity[day]!).sort();
    return { t: daily[0]!.timeMs[day]!, low: rounded(quantile(values, 0.05)), high: rounded(quantile(values, 0.95)) };
  });
}

/** Drawdown of the strategy as an area, of buy-and-hold as a line. */
export function drawdownChart({ baselines, market, measured }: Evaluation): Chart {
  const hold = dailyEquity(baselines.buyAndHold.timeMs, baselines.buyAndHold.equity, market.dayOf);
  const points = thinned(measured.daily.equity);
  const x = timeEncoding(measured.daily);
  const y = { field: 'v', type: 'quantitative', title: null, axis: { format: '.0%', tickCount: 4 } };
  const falls = (daily: DailyEquity): object[] => {
    const series = drawdownSeries(daily.equity);
    return valuesOf({ timeMs: daily.timeMs, equity: series }, points);
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
          data: { values: falls(measured.daily) },
          mark: {
            type: 'area',
            color: 'var(--strategy)',
            opacity: 0.3,
            line: { color: 'var(--strategy)', strokeWidth: 1.4 },
          },
          encoding: { x, y },
        },
        {
          data: { values: falls(hold) },
          mark: { type: 'line', color: 'var(--hold)', strokeDash: [2, 2], strokeWidth: 1.4 },
          encoding: { x, y },
        },
      ],
    },
  };
}

/** Six significant digits: a hundredth of a pixel, at a third of the bytes. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
