import type { CostSensitivity } from '../../analysis/cost-sensitivity.ts';
import { decimal, percent } from '../../number-format.ts';
import { renderChart, type Chart } from '../charts/render-chart.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';
import { returnChart } from './return-chart.ts';

type Points = CostSensitivity['points'];

/** What is left at multiples of what trading costs, and of what holding does. */
export async function costPart({ result }: ReportInput): Promise<Markup> {
  const { points, breakEvenMultiple, breakEvenBps, holding } = result.costSensitivity!;
  const reason = result.reasons.find((text) => text.startsWith('costSensitivity: breakEvenMultiple: '));
  const even =
    breakEvenMultiple === null
      ? ` The multiple at which nothing is left is not known: ${reason?.split(': ').at(-1) ?? 'the runs do not tell it.'}`
      : ` Nothing is left at ${decimal(breakEvenMultiple, 1)} times the costs.`;
  const most = breakEvenBps === null ? '' : `Before costs it earned ${decimal(breakEvenBps)} bps of what it traded.`;
  return html`<h3 id="costs">At multiples of its costs</h3>
    ${points.length < 2 ? null : await renderChart(costChart('costs', points))} ${costTable('costs', points)}
    <p class="note">
      ${points.length < 2 ? null : 'The engine ran again at each multiple, so that orders may differ.'} ${most}${even}
    </p>
    ${
      holding === undefined
        ? null
        : html`<h3 id="holding-costs">At multiples of what holding costs</h3>
            ${costTable('holding-costs', holding.points)}
            <p class="note">
              Borrowing, funding and interest on debt;
              ${
                holding.breakEvenMultiple === null
                  ? 'the table has no multiple at which nothing is left.'
                  : `nothing is left at ${decimal(holding.breakEvenMultiple, 1)} times.`
              }
            </p>`
    }`;
}

function costTable(name: string, points: Points): Markup {
  const rows = points.map(({ multiple, totalReturn, cagr, sharpe, trades }): Row => [
    `${multiple} times`,
    percent(totalReturn, 1),
    percent(cagr),
    decimal(sharpe),
    decimal(trades, 0),
  ]);
  return plainTable(name, ['costs', 'total return', 'return a year', 'Sharpe', 'trades'], rows);
}

function costChart(id: string, points: Points): Chart {
  const values = points.map(({ multiple, totalReturn }) => ({ at: multiple, totalReturn }));
  const ends = [values[0]!, values.at(-1)!].map(({ totalReturn, at }) => `${percent(totalReturn, 1)} at ${at} times`);
  const alt = `Total return by multiple of the costs: ${ends.join(', ')} the costs.`;
  return returnChart({ id, alt, values, x: { title: 'times the costs', axis: { tickCount: 5, format: 'd' } } });
}
