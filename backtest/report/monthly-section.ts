import { monthlyReturns } from '../statistics/daily-returns.ts';
import { percent } from '../number-format.ts';
import type { ReportInput } from './report-input.ts';
import { html, type Markup } from './html.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The strongest tint: text on it must stay legible in both colour schemes. */
const TINT_MAX = 55;

/** Net returns by calendar month as a table whose cells are tinted by size. */
export function monthlySection({ evaluation }: ReportInput): Markup | null {
  const months = monthlyReturns(evaluation.measured.daily);
  if (months.length === 0) return null;
  const byMonth = new Map(months.map(({ month, return: value }) => [month, value]));
  const years = [...new Set(months.map(({ month }) => month.slice(0, 4)))];
  const largest = Math.max(...months.map(({ return: value }) => Math.abs(value)));
  const total = (year: string): number =>
    months
      .filter(({ month }) => month.startsWith(year))
      .reduce((growth, { return: value }) => growth * (1 + value), 1) - 1;
  return html`<section aria-labelledby="monthly">
    <h2 id="monthly">Net return by month</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="monthly">
      <table class="heat">
        <thead>
          <tr>
            <th scope="col">Year</th>
            ${MONTHS.map((month) => html`<th scope="col">${month}</th>`)}
            <th scope="col">Year, %</th>
          </tr>
        </thead>
        <tbody>
          ${years.map(
            (year) =>
              html`<tr>
                <th scope="row">${year}</th>
                ${MONTHS.map((_, month) => cell(byMonth.get(`${year}-${String(month + 1).padStart(2, '0')}`), largest))}
                <td><strong>${bare(total(year))}</strong></td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">In percent. The first and last months may be partial.</p>
  </section>`;
}

const bare = (value: number): string => percent(value, 1).replace(' %', '');

function cell(value: number | undefined, largest: number): Markup {
  if (value === undefined) return html`<td></td>`;
  const share = largest === 0 ? 0 : Math.round((Math.abs(value) / largest) * TINT_MAX);
  return html`<td class="${value < 0 ? 'down' : 'up'}" style="--share:${share}">${bare(value)}</td>`;
}
