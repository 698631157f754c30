import { decimal, percent } from '../number-format.ts';
import type { FoldSection, OutOfSampleSection } from '../judgement/fold-outcome.ts';
import type { ReportInput } from './report-input.ts';
import { html, type Markup } from './html.ts';
import { renderChart } from './charts/render-chart.ts';
import { coefficientChart } from './charts/score-charts.ts';
import type { ScoreName } from '../../models/scores/score.ts';

/** Scores in the order of the tables, with what an uninformed model would show. */
export const SCORE_COLUMNS: readonly { name: ScoreName; title: string; format: (value: number | null) => string }[] = [
  { name: 'informationCoefficient', title: 'IC', format: (value) => decimal(value, 3) },
  { name: 'rankInformationCoefficient', title: 'Rank IC', format: (value) => decimal(value, 3) },
  { name: 'auc', title: 'AUC', format: (value) => decimal(value, 3) },
  { name: 'logLoss', title: 'Log loss', format: (value) => decimal(value, 4) },
  { name: 'brier', title: 'Brier', format: (value) => decimal(value, 4) },
  { name: 'hitRate', title: 'Hit rate', format: (value) => percent(value, 1) },
];

/** `2012-01-02 to 2012-09-01`, or the one day. */
function dates({ from, to }: { from: string; to: string }): string {
  const [first, last] = [from.slice(0, 10), to.slice(0, 10)];
  return first === last ? first : `${first} to ${last}`;
}

/** What lies between training and test: rows whose labels reach into the test, and the embargo. */
function gapText({ purge, embargo }: FoldSection): string {
  return `purged ${purge === null ? 'none' : dates(purge)} · embargo ${embargo === null ? 'none' : dates(embargo)}`;
}

/** Folds and pooled scores with their charts; nothing for a rule strategy, which has none. */
export async function walkForwardSection({ result }: ReportInput): Promise<Markup | null> {
  const { folds, outOfSample } = result;
  if (folds === undefined || outOfSample === undefined) return null;
  return html`<section aria-labelledby="walk-forward">
    <h2 id="walk-forward">Out-of-sample scores by fold</h2>
    ${foldTable(folds, outOfSample)}
    <p class="note">
      ${
        folds.some(({ train, test }) => train.to > test.from)
          ? 'Every score is of predictions for bars between those a model was trained on, less purge and embargo: it knew later ones.'
          : 'Every score is of predictions for bars after the training window, its purge and its embargo.'
      }
      IC: correlation of score and realised return. Below log loss, Brier score and hit rate in small type: those of a
      constant that knows the share of up in the fold's training rows and nothing else; it has no IC, and AUC 0.5.
    </p>
    <h3>Information coefficient by fold</h3>
    ${await renderChart(coefficientChart(folds, outOfSample))}
    <p class="note">Dashed: pooled; band: its 95 % block-bootstrap interval.</p>
  </section>`;
}

/** The constant's score under the model's own; nothing where it has none. */
function constantText(
  { constant }: Pick<FoldSection, 'constant'>,
  name: ScoreName,
  format: (value: number | null) => string,
): Markup | null {
  const score = constant?.[name] ?? null;
  return score === null ? null : html`<span class="interval">constant ${format(score)}</span>`;
}

function foldTable(folds: readonly FoldSection[], pooled: OutOfSampleSection): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="walk-forward">
    <table class="dense">
      <thead>
        <tr>
          <th scope="col">Fold</th>
          <th scope="col" class="text">Trained on, and left out before the test</th>
          <th scope="col" class="text">Tested on</th>
          <th scope="col">Rows</th>
          ${SCORE_COLUMNS.map(({ title }) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${folds.map(
          (fold) =>
            html`<tr>
              <th scope="row">${fold.fold}</th>
              <td class="text">${dates(fold.train)}<span class="interval gap">${gapText(fold)}</span></td>
              <td class="text">${dates(fold.test)}</td>
              <td>${decimal(fold.testRows, 0)}</td>
              ${SCORE_COLUMNS.map(
                ({ name, format }) => html`<td>${format(fold[name])}${constantText(fold, name, format)}</td>`,
              )}
            </tr> `,
        )}
        <tr class="pooled">
          <th scope="row">All</th>
          <td class="text" colspan="2">pooled, with 95 % block-bootstrap intervals</td>
          <td>${decimal(pooled.rows, 0)}</td>
          ${SCORE_COLUMNS.map(({ name, format }) => {
            const interval = pooled.intervals[name];
            return html`<td>
              ${format(pooled[name])}${constantText(pooled, name, format)}${
                interval === null
                  ? null
                  : html`<span class="interval">${format(interval[0])} to ${format(interval[1])}</span>`
              }
            </td>`;
          })}
        </tr>
      </tbody>
    </table>
  </div>`;
}
