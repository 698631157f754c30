import { decimal, percent } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** Features that are listed. */
const LISTED = 30;

/** What each fold chose to learn from, and how far the folds agree; nothing where members learned from all features. */
export function selectionSection({ result }: ReportInput): Markup | null {
  const agreement = result.outOfSample?.selection;
  if (agreement === undefined) return null;
  const chosen = (result.folds ?? []).flatMap(({ fold, selection }) =>
    selection === undefined ? [] : [{ fold: String(fold), kept: new Set(selection.kept) }],
  );
  const { features, folds, offered, keptMean, overlap, stability } = agreement;
  const lines = features.slice(0, LISTED).map(({ name, share }): [string, string, string] => [
    name,
    percent(share, 0),
    chosen
      .filter(({ kept }) => kept.has(name))
      .map(({ fold }) => fold)
      .join(' '),
  ]);
  return html`<section aria-labelledby="selection">
    <h2 id="selection">Features that were chosen</h2>
    ${plainTable('selection', ['feature', 'share of folds', 'folds'], lines)}
    <p class="note">
      Each of ${folds} folds chose on its own training rows alone, and kept ${decimal(keptMean, 1)} of ${offered}
      features on average. Two folds share ${percent(overlap, 0)} of what either keeps; agreement beyond chance is
      ${decimal(stability)}, where 1 is the same in every fold and 0 as if drawn.
      ${features.length > LISTED ? `${features.length - LISTED} more features were kept by fewer folds.` : null}
    </p>
  </section>`;
}
