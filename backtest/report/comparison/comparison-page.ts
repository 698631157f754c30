import { amount, decimal, percent, plural, probability } from '../../number-format.ts';
import { thinned } from '../../statistics/thinned.ts';
import { FIGURE_ROWS, figureText } from '../figures-section.ts';
import { html, type Markup } from '../html.ts';
import { pageOf } from '../page/page-frame.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import { renderChart, type Chart } from '../charts/render-chart.ts';
import type { Comparison } from './comparison.ts';

const COLORS = ['--strategy', '--hold', '--same', '--gain', '--loss', '--random'] as const;
const DASHES = [
  [1, 0],
  [6, 3],
  [2, 2],
] as const;

/** Figures of each run, one row a figure. */
export function comparedRows({ runs, sharedReturns }: Comparison): Row[] {
  const of = (name: string, tell: (run: Comparison['runs'][number], at: number) => string): Row => [
    name,
    ...runs.map(tell),
  ];
  return [
    of('Strategy', ({ result }) => result.strategy),
    of('From', ({ result }) => result.from.slice(0, 10)),
    of('To', ({ result }) => result.to.slice(0, 10)),
    of('Bars', ({ result }) => decimal(result.bars, 0)),
    of('Verdict', ({ result }) => result.verdict),
    ...FIGURE_ROWS.map((row) => of(row.name, ({ result }) => figureText(row, result))),
    of('Final equity', ({ result }) => amount(result.finalEquity)),
    of('Probabilistic Sharpe ratio', ({ result }) => probability(result.probabilisticSharpe)),
    of('Deflated Sharpe ratio', ({ result }) => probability(result.deflatedSharpe)),
    of('Total return on shared days', (_, at) => percent(sharedReturns[at]!)),
  ];
}

/** Whether a choice among the runs can be luck, in a sentence; null where it cannot be told. */
export function comparedText({ runs, superiorAbility: found }: Comparison): string | null {
  if (found === null) return null;
  return (
    `Against ${runs[0]!.name} over ${plural(found.periods, 'shared day')} the best other is ${found.bestRun}: were none better, ` +
    `luck would do as well with probability ${probability(found.consistent)} (Hansen), ${probability(found.realityCheck)} ` +
    `by White's reality check.`
  );
}

/** Runs side by side as one HTML file, without script or request. The same input gives the same bytes. */
export async function comparisonPage(comparison: Comparison): Promise<string> {
  const { runs, correlations, reasons, sharedDays } = comparison;
  const names = runs.map(({ name }) => name);
  const matrix = runs.map(({ name }, at): Row => [name, ...correlations[at]!.map((value) => decimal(value))]);
  const judged = comparedText(comparison);
  const title = names.join(', ');
  const sections = [
    html`<header>
      <p class="kicker">Signalbox · comparison of runs</p>
      <h1>${title}</h1>
    </header>`,
    html`<section aria-labelledby="growth">
      <h2 id="growth">Growth of 1</h2>
      <ul class="legend">
        ${names.map((name, at) => html`<li><span style="border-color:var(${colorOf(at)})"></span>${name}</li>`)}
      </ul>
      ${await renderChart(growthChart(comparison))}
    </section>`,
    html`<section aria-labelledby="side">
      <h2 id="side">Side by side</h2>
      ${plainTable('side', ['', ...names], comparedRows(comparison))}
      ${judged === null ? null : html`<p class="note">${judged}</p>`}
      <ul class="plain">
        ${reasons.map((reason) => html`<li>${reason}</li>`)}
      </ul>
    </section>`,
    sharedDays === 0 ? null : correlationSection(names, matrix),
  ];
  return pageOf(`${title} · Signalbox comparison`, sections);
}

const colorOf = (at: number): string => COLORS[at % COLORS.length]!;

function correlationSection(names: readonly string[], matrix: readonly Row[]): Markup {
  return html`<section aria-labelledby="correlations">
    <h2 id="correlations">Correlation of daily returns</h2>
    ${plainTable('correlations', ['', ...names], matrix)}
  </section>`;
}

/** Equity of each run over its capital. */
function growthChart({ runs }: Comparison): Chart {
  const x = { field: 't', type: 'temporal', title: null, scale: { type: 'utc' }, axis: { tickCount: 6 } };
  const y = { field: 'v', type: 'quantitative', title: null, scale: { zero: false } };
  const ends = runs.map(({ name, result }) => `${name} ${percent(result.totalReturn, 1)}`).join(', ');
  return {
    id: 'growth',
    size: 'wide',
    alt: `Growth of 1 in each run: ${ends}.`,
    spec: {
      layer: runs.map(({ result: { equity, initialCapital } }, at) => ({
        data: {
          values: thinned(equity.map(([, value]) => value)).map((mark) => ({
            t: Date.parse(equity[mark]![0]),
            v: Number((equity[mark]![1] / initialCapital).toPrecision(7)),
          })),
        },
        mark: {
          ...{ type: 'line', color: `var(${colorOf(at)})`, strokeWidth: 1.8 },
          strokeDash: DASHES[Math.floor(at / COLORS.length) % DASHES.length],
        },
        encoding: { x, y },
      })),
    },
  };
}
