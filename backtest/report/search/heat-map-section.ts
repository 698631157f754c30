import { decimal, percent, plural } from '../../number-format.ts';
import type { HeatMap } from '../../search/rules/heat-map.ts';
import type { RankedRule, RuleSearchResult } from '../../search/rules/rule-search-result.ts';
import { namesOf, shortName, worthText } from '../../search/rules/rule-search-text.ts';
import { renderChart, type Chart } from '../charts/render-chart.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';

/** Values of an axis up to which the map is told as a table too. */
const TABLE_MAX = 40;

/** The objective at each pair of values of two parameters, what the others were, and how many neighbours hold. */
export async function heatMapSection(result: RuleSearchResult): Promise<Markup | null> {
  const { heatMap, objective, best } = result;
  if (heatMap === null) return null;
  return html`<section aria-labelledby="heat-map">
    <h2 id="heat-map">${objective} by ${shortName(heatMap.x.name)} and ${shortName(heatMap.y.name)}</h2>
    ${await renderChart(heatMapChart(heatMap, objective, best))}
    <p>${othersText(result, heatMap)} ${holdText(best)}</p>
    ${cellTable(heatMap, objective)}
    <p class="note">The ring marks what was chosen; cells without colour were not tried or may not be chosen.</p>
  </section>`;
}

function othersText({ ranges }: RuleSearchResult, { x, y }: HeatMap): string {
  const others = Object.entries(ranges).filter(([name]) => name !== x.name && name !== y.name);
  if (others.length === 0) return 'No other parameter was searched.';
  const told = others.map(([name, values]) =>
    values.length === 1
      ? `${shortName(name)} (always ${String(values[0])})`
      : `${shortName(name)} (${plural(values.length, 'value')})`,
  );
  return `Each cell is the best over the other parameters: ${told.join(', ')}.`;
}

function holdText({ plateau: { neighbours, heldShare } }: RankedRule): string {
  if (heldShare === null) return 'How many neighbours of the chosen hold cannot be told.';
  const held = Math.round(heldShare * neighbours);
  return (
    `${decimal(held, 0)} of ${plural(neighbours, 'neighbour')} of the chosen (${percent(heldShare, 0)}), one step away on ` +
    `any of all parameters, keep at least half of its worth.`
  );
}

function cellTable({ x, y, cells }: HeatMap, objective: RuleSearchResult['objective']): Markup | null {
  if (x.values.length > TABLE_MAX || y.values.length > TABLE_MAX) return null;
  const rows = y.values.map((value, row): Row => [
    String(value),
    ...cells[row]!.map((worth) => (worth === null ? '' : worthText(objective, worth))),
  ]);
  return html`<details>
    <summary>The same as a table: ${shortName(x.name)} across, ${shortName(y.name)} down</summary>
    ${plainTable('heat-map', [shortName(y.name), ...x.values.map(String)], rows)}
  </details>`;
}

/** Cells of one hue, from light to dark with the objective, so that a plateau is an even patch. */
function heatMapChart({ x, y, cells }: HeatMap, objective: string, best: RankedRule): Chart {
  const values = cells.flatMap((row, j) =>
    row.flatMap((worth, i) => (worth === null ? [] : [{ x: String(x.values[i]), y: String(y.values[j]), worth }])),
  );
  const axis = (name: string, all: readonly unknown[]): object => ({
    type: 'ordinal',
    title: shortName(name),
    scale: { domain: all.map(String) },
    axis: { labelAngle: 0, labelOverlap: true, ticks: false },
  });
  const encoding = {
    x: { field: 'x', ...axis(x.name, x.values) },
    y: { field: 'y', ...axis(y.name, [...y.values].reverse()) },
  };
  const chosen = [{ x: String(best.parameters[x.name]), y: String(best.parameters[y.name]) }];
  const worths = values.map(({ worth }) => worth);
  const ends = `${Math.min(...worths).toPrecision(4)} to ${Math.max(...worths).toPrecision(4)}`;
  return {
    id: 'heat-map',
    size: 'wide',
    heights: { wide: Math.min(560, 120 + 26 * y.values.length), narrow: Math.min(420, 120 + 20 * y.values.length) },
    alt: `${objective} at ${values.length} pairs of ${shortName(x.name)} and ${shortName(y.name)}: ${ends}; best at ${namesOf(best.parameters)}.`,
    spec: {
      layer: [
        {
          data: { values },
          mark: { type: 'rect' },
          encoding: {
            ...encoding,
            color: {
              field: 'worth',
              type: 'quantitative',
              title: null,
              scale: { scheme: 'viridis' },
              legend: { labelColor: 'var(--muted)' },
            },
          },
        },
        {
          data: { values: chosen },
          mark: { type: 'point', filled: false, size: 120, strokeWidth: 3, color: '#ff2d6f', opacity: 1 },
          encoding,
        },
      ],
    },
  };
}
