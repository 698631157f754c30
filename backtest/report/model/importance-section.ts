import type { FeatureImportance } from '../../analysis/feature-importance.ts';
import { decimal, percent, plural } from '../../number-format.ts';
import { renderChart, type Chart } from '../charts/render-chart.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** Features drawn and told, the most important first. */
const SHOWN = 20;
/** Windows from which a spread over them says anything. */
const LEAST_WINDOWS = 3;

/** What moves the predictions, and whether the windows agree on it; nothing for rules. */
export async function importanceSection({ result }: ReportInput): Promise<Markup | null> {
  const { featureImportance: found } = result;
  if (found === undefined) return null;
  if (found === null) {
    const reason = result.reasons.find((text) => text.startsWith('featureImportance: '));
    return html`<section aria-labelledby="importance">
      <h2 id="importance">What moves the predictions</h2>
      <p>Not told: ${reason?.slice('featureImportance: '.length) ?? 'it was not kept.'}</p>
    </section>`;
  }
  const shown = found.features.slice(0, SHOWN);
  const rows = shown.map(({ name, mean, least, most, firstTenShare }): Row => [
    name,
    percent(mean, 1),
    percent(least, 1),
    percent(most, 1),
    percent(firstTenShare, 0),
  ]);
  const rest = found.features.length - shown.length;
  return html`<section aria-labelledby="importance">
    <h2 id="importance">What moves the predictions, and how steadily</h2>
    ${await renderChart(importanceChart(found))}
    ${plainTable('importance', ['', 'mean share', 'least', 'most', 'among the first ten'], rows)}
    <p>${agreementText(found)}</p>
    <p class="note">
      Of ${decimal(found.rows, 0)} predictions out of sample: mean size of what each feature added to the log-odds
      (Shapley values), as a share of all of them in its window. The bar is the mean over windows, the line reaches from
      the least to the most. It tells what the models use, not what is right. Features that move together share what
      they do. ${rest === 0 ? null : `${plural(rest, 'other feature')} moved less and are in the result document.`}
    </p>
  </section>`;
}

function agreementText({ windows, agreement }: FeatureImportance): string {
  if (windows.length < LEAST_WINDOWS) {
    return `${plural(windows.length, 'window')}: too few to say whether what matters lasts; ${LEAST_WINDOWS} are the least.`;
  }
  const over = `over ${windows.length} windows`;
  if (agreement === null) return `How alike neighbouring windows rank the features cannot be told ${over}.`;
  return `Rank correlation of neighbouring windows ${over}: ${decimal(agreement)} (1: the same order; 0: none in common).`;
}

function importanceChart({ features, windows }: FeatureImportance): Chart {
  const shown = features.slice(0, SHOWN);
  const values = shown.map(({ name, mean, least, most }) => ({ name, mean, least, most }));
  const high = shown.reduce((largest, { most }) => Math.max(largest, most), 0);
  const x = {
    type: 'quantitative',
    title: 'share of all moves',
    axis: { format: high < 0.05 ? '.1%' : '.0%', tickCount: 5 },
  };
  const y = { field: 'name', type: 'nominal', title: null, sort: null, axis: { labelLimit: 170, ticks: false } };
  const height = 60 + 20 * shown.length;
  const [first] = shown;
  return {
    id: 'importance',
    size: 'wide',
    heights: { wide: height, narrow: height },
    alt:
      `Share of ${plural(shown.length, 'feature')} in what moves predictions, mean and range over ` +
      `${plural(windows.length, 'window')}; first ${first!.name} with ${percent(first!.mean, 1)}.`,
    spec: {
      layer: [
        {
          data: { values },
          mark: { type: 'bar', color: 'var(--strategy)', opacity: 0.55, height: { band: 0.6 } },
          encoding: { y, x: { ...x, field: 'mean' } },
        },
        {
          data: { values },
          mark: { type: 'rule', color: 'var(--ink)', strokeWidth: 1.4 },
          encoding: { y, x: { ...x, field: 'least' }, x2: { field: 'most' } },
        },
      ],
    },
  };
}
