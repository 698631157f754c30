import Table from 'cli-table3';
import { decimal, percent } from '../../number-format.ts';
import { html, type Markup } from '../../report/html.ts';
import { namesOf, worthText } from '../rules/rule-search-text.ts';
import { stabilityWords } from './chosen-stability.ts';
import type { WalkFoldRow, WalkSection } from './walk-result.ts';

const HEAD = ['fold', 'trained on', 'tested on', 'in sample', 'out of sample', 'return', 'trades', 'parameters'];

function cellsOf(row: WalkFoldRow, { objective }: WalkSection): string[] {
  const span = ({ from, to }: WalkFoldRow['train']): string => `${from.slice(0, 10)} to ${to.slice(0, 10)}`;
  const worths = [worthText(objective, row.inSample), worthText(objective, row.outOfSample)];
  const chosen = row.parameters === null ? 'none: sat out' : namesOf(row.parameters);
  const traded = [percent(row.totalReturn), decimal(row.trades, 0)];
  return [String(row.fold), span(row.train), span(row.test), ...worths, ...traded, chosen];
}

/** How much of the objective was left, in words. */
const efficiencyWords = ({ objective, efficiency }: WalkSection): string =>
  efficiency === null
    ? `What is left of the ${objective} out of sample cannot be told.`
    : `${percent(efficiency, 0)} of the mean ${objective} in sample was left out of sample.`;

/** The windows for the terminal. */
export function walkText(walk: WalkSection): string {
  const table = new Table({ head: HEAD, style: { head: [], border: [] } });
  for (const row of walk.folds) table.push(cellsOf(row, walk));
  return [
    `Windows, by ${walk.objective}`,
    table.toString(),
    efficiencyWords(walk),
    ...walk.stability.map(stabilityWords),
  ].join('\n');
}

/** The windows for the report. */
export function walkMarkup(walk: WalkSection): Markup {
  return html`<section aria-labelledby="windows">
    <h2 id="windows">What each window chose, by ${walk.objective}</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="windows">
      <table class="dense">
        <thead>
          <tr>
            ${HEAD.map((name) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${walk.folds.map(
            (row) =>
              html`<tr>
                ${cellsOf(row, walk).map((cell) => html`<td>${cell}</td>`)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">${efficiencyWords(walk)} Figures of a test are of that test by itself, from flat.</p>
    ${walk.stability.map((one) => html`<p class="note">${stabilityWords(one)}</p>`)}
  </section>`;
}
