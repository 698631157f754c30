import { decimal, percent, plural } from '../number-format.ts';
import type { PathDistribution, PathsSection } from '../judgement/paths/path-outcome.ts';
import type { ReportInput } from './report-input.ts';
import { html, type Markup } from './html.ts';
import { plainTable } from './page/plain-table.ts';

/** What a path is shown by, in the order of the tables. */
const COLUMNS = [
  { name: 'informationCoefficient', title: 'IC', format: (value: number | null) => decimal(value, 3) },
  { name: 'auc', title: 'AUC', format: (value: number | null) => decimal(value, 3) },
  { name: 'totalReturn', title: 'Total return', format: (value: number | null) => percent(value, 1) },
  { name: 'sharpe', title: 'Sharpe', format: (value: number | null) => decimal(value) },
  { name: 'excessReturn', title: 'Excess a year', format: (value: number | null) => percent(value) },
  { name: 'excessSharpe', title: 'Excess Sharpe', format: (value: number | null) => decimal(value) },
] as const;

export const PATH_HEAD: readonly string[] = ['path', 'rows', ...COLUMNS.map(({ title }) => title)];

/** The name of a line, then its figures. */
type PathLine = [name: string, ...figures: string[]];

/** One line per path, then median, worst and share above what knows nothing. */
export function pathLines({ each, distribution }: PathsSection): PathLine[] {
  const over = (name: string, show: (of: PathDistribution) => number | null, share = false): PathLine => [
    name,
    '',
    ...COLUMNS.map((column) =>
      share ? percent(show(distribution[column.name]), 0) : column.format(show(distribution[column.name])),
    ),
  ];
  return [
    ...each.map((path): PathLine => [
      String(path.path + 1),
      decimal(path.rows, 0),
      ...COLUMNS.map(({ name, format }) => format(path[name])),
    ]),
    over('median', ({ median }) => median),
    over('worst', ({ worst }) => worst),
    over('positive', ({ positiveShare }) => positiveShare, true),
  ];
}

/** Every reconstructed path of a combinatorial split; nothing for other splits, which have one. */
export function pathSection({ result }: ReportInput): Markup | null {
  const { paths } = result;
  if (paths === undefined) return null;
  return html`<section aria-labelledby="paths">
    <h2 id="paths">Reconstructed paths</h2>
    ${plainTable('paths', PATH_HEAD, pathLines(paths))}
    <p class="note">
      Every choice of test groups lends its predictions to ${plural(paths.each.length, 'path')}; each path covers all
      bars once and is traded by itself. Everything above is of path 1. Positive: share of paths above 0, of AUC above
      0.5.
    </p>
  </section>`;
}
