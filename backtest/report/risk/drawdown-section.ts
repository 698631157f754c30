import { decimal, percent } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** The deepest falls of equity: when, how deep, how long, and whether they were made good. */
export function drawdownSection({ result }: ReportInput): Markup | null {
  const { drawdowns } = result;
  if (drawdowns === undefined) return null;
  const rows = drawdowns.map(({ from, trough, recovered, depth, daysToTrough, days }, at): Row => [
    String(at + 1),
    percent(depth),
    from.slice(0, 10),
    trough.slice(0, 10),
    recovered === null ? html`<strong>not recovered</strong>` : recovered.slice(0, 10),
    decimal(daysToTrough, 0),
    decimal(days, 0),
  ]);
  const head = ['', 'depth', 'from', 'lowest', 'recovered', 'days down', 'days in all'];
  return html`<section aria-labelledby="drawdowns">
    <h2 id="drawdowns">The deepest drawdowns</h2>
    ${
      rows.length === 0
        ? html`<p>Equity never fell below its highest value so far.</p>`
        : plainTable('drawdowns', head, rows)
    }
    <p class="note">
      By every mark of equity, from the last one at the highest value so far to the first that reached it again; days
      are calendar days. What is not recovered lasts to the end of the record.
    </p>
  </section>`;
}
