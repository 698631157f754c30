import { rollingSeries, type RollingSeries } from '../../analysis/rolling-section.ts';
import type { Evaluation } from '../../judgement/evaluation.ts';
import { decimal, percent } from '../../number-format.ts';
import { thinned } from '../../statistics/thinned.ts';
import { numberFormat, percentFormat, timeAxis } from '../charts/chart-axes.ts';
import { renderChart, type Chart } from '../charts/render-chart.ts';
import { html, type Markup } from '../html.ts';
import { plainTable } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

type Rolling = NonNullable<ReportInput['result']['rolling']>;

const TICKS = 4;

/** Sharpe ratio and volatility of windows that move through the record; the reason where it is too short for two. */
export async function rollingSection({ result, evaluation }: ReportInput): Promise<Markup | null> {
  const { rolling } = result;
  if (rolling === undefined) return null;
  if (rolling === null) {
    const reason = result.reasons.find((text) => text.startsWith('rolling: '))?.slice('rolling: '.length);
    return html`<section aria-labelledby="rolling">
      <h2 id="rolling">Ratios over time</h2>
      <p>Not told: ${reason ?? 'the record does not allow it.'}</p>
    </section>`;
  }
  const { windowDays, standardError, sharpe, volatility, belowZeroShare, windows } = rolling;
  const drawn = drawnOf(evaluation, rolling);
  const head = ['', 'least', 'median', 'most', 'last', 'below 0'];
  const of = (range: NonNullable<typeof sharpe>, format: (value: number) => string): string[] =>
    [range.least, range.median, range.most, range.last].map(format);
  return html`<section aria-labelledby="rolling">
    <h2 id="rolling">Ratios over windows of ${windowDays} trading days</h2>
    <h3>Sharpe ratio, annualised</h3>
    ${sharpe === null ? html`<p>No window has returns that vary.</p>` : await renderChart(sharpeChart(drawn, rolling))}
    <h3>Volatility a year</h3>
    ${await renderChart(volatilityChart(drawn, rolling))}
    ${plainTable('rolling', head, [
      ...(sharpe === null
        ? []
        : [['Sharpe ratio', ...of(sharpe, (value) => decimal(value)), percent(belowZeroShare, 0)] as const]),
      ['Volatility a year', ...of(volatility, (value) => percent(value, 1)), ''],
    ])}
    <p class="note">
      ${decimal(windows, 0)} windows of daily returns, each drawn at its last day; neighbours share all days but one.
      The ratio of one window has a standard error of about ${decimal(standardError)} even where the true one is 0: the
      band is twice that, and what stays inside it tells nothing.
    </p>
  </section>`;
}

interface Point {
  readonly t: number;
  readonly v: number | null;
}

/** What both charts draw, and the axis of its times. */
interface Drawn {
  readonly series: RollingSeries;
  readonly axis: ReturnType<typeof timeAxis>;
}

function drawnOf({ measured, market }: Evaluation, { windowDays }: Rolling): Drawn {
  const { periodsPerYear, dayOf } = market;
  const series = rollingSeries(measured.returns, { days: windowDays, periodsPerYear });
  const timeMs = Float64Array.from(series.at, (index) => measured.daily.timeMs[index + 1]!);
  return { series, axis: timeAxis(timeMs, dayOf) };
}

function pointsOf({ series, axis }: Drawn, name: 'sharpe' | 'volatility'): { points: Point[]; encoding: object } {
  const values = series[name];
  const points = thinned(values.map((value) => (Number.isNaN(value) ? 0 : value))).map((at) => ({
    t: axis.at(at),
    v: Number.isNaN(values[at]!) ? null : Number(values[at]!.toPrecision(6)),
  }));
  return { points, encoding: axis.encoding };
}

function sharpeChart(drawn: Drawn, rolling: Rolling): Chart {
  const { points, encoding: x } = pointsOf(drawn, 'sharpe');
  const { least, most, last } = rolling.sharpe!;
  const band = 2 * rolling.standardError;
  const format = numberFormat(Math.min(least, -band), Math.max(most, band), TICKS, 1);
  const y = { type: 'quantitative', title: null, axis: { format, tickCount: TICKS } };
  return {
    id: 'rolling-sharpe',
    size: 'wide',
    heights: { wide: 190, narrow: 170 },
    alt:
      `Sharpe ratio over ${rolling.windowDays} trading days, from ${decimal(least)} to ${decimal(most)}, ` +
      `last ${decimal(last)}; below 0 in ${percent(rolling.belowZeroShare, 0)} of windows.`,
    spec: {
      layer: [
        {
          data: { values: [{ low: -band, high: band }] },
          mark: { type: 'rect', color: 'var(--band)' },
          encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } },
        },
        lineOf(points, { x, y: { ...y, field: 'v' } }),
        {
          data: { values: [{ zero: 0 }] },
          mark: { type: 'rule', color: 'var(--ink)', strokeWidth: 1 },
          encoding: { y: { ...y, field: 'zero' } },
        },
      ],
    },
  };
}

function volatilityChart(drawn: Drawn, rolling: Rolling): Chart {
  const { points, encoding: x } = pointsOf(drawn, 'volatility');
  const { least, most, last } = rolling.volatility;
  const axis = { format: percentFormat(0, most, TICKS), tickCount: TICKS };
  const scale = most > 0 ? { zero: true } : { domain: [0, 0.01] };
  return {
    id: 'rolling-volatility',
    size: 'wide',
    heights: { wide: 150, narrow: 140 },
    alt:
      `Volatility a year over ${rolling.windowDays} trading days, from ${percent(least, 1)} to ${percent(most, 1)}, ` +
      `last ${percent(last, 1)}.`,
    spec: { layer: [lineOf(points, { x, y: { field: 'v', type: 'quantitative', title: null, axis, scale } })] },
  };
}

const lineOf = (values: readonly Point[], encoding: object): object => ({
  data: { values },
  mark: { type: 'line', color: 'var(--strategy)', strokeWidth: 1.5, invalid: 'break-paths-filter-domains' },
  encoding,
});
