import { decimal, percent } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** How often returns lay within the intervals of their predictions; nothing where that was not measured. */
export function coverageSection({ result }: ReportInput): Markup | null {
  const measured = result.outOfSample?.coverage;
  if (measured === undefined || measured.coverage === null) return null;
  const { level, rows, coverage, interval, below, above, meanWidth, oneSided, folds } = measured;
  const bounds =
    interval === null
      ? null
      : html`<span class="interval">${percent(interval[0], 1)} to ${percent(interval[1], 1)}</span>`;
  const lines: Row[] = [
    ...folds.map(({ fold, rows: own, coverage: share }): Row => [String(fold), decimal(own, 0), percent(share, 1)]),
    ['All', decimal(rows, 0), html`${percent(coverage, 1)}${bounds}`],
  ];
  return html`<section aria-labelledby="coverage">
    <h2 id="coverage">Intervals of the predictions</h2>
    ${plainTable('coverage', ['fold', 'predictions', `within ${percent(level, 0)} intervals`], lines)}
    <p class="note">
      Each prediction came with an interval for the return that follows, made from outcomes that were known by then. It
      is ${percent(meanWidth)} wide on average; ${percent(below, 1)} of the returns lay below and ${percent(above, 1)}
      above it. ${percent(oneSided, 1)} of the intervals leave out zero: all that is sure of a direction.
    </p>
  </section>`;
}
