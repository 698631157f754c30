import type { PathFan } from '../judgement/paths/path-fan.ts';
import { percent } from '../number-format.ts';
import { fanChart } from './charts/fan-chart.ts';
import { renderChart } from './charts/render-chart.ts';
import { html, type Markup } from './html.ts';
import type { ReportInput } from './report-input.ts';

/** How the paths ended, in a sentence. */
export function fanWords({ losing, belowBenchmark, belowChosen }: PathFan): string {
  const behind =
    belowBenchmark === null ? '' : `, ${percent(belowBenchmark, 0)} stay behind the market at the same exposure`;
  return `${percent(losing, 0)} of the paths lose money${behind}; ${percent(belowChosen, 0)} end below path 1.`;
}

/** The equity of all reconstructed paths as a fan; nothing for splits that have one path. */
export async function fanSection({ result, currency }: ReportInput): Promise<Markup | null> {
  const fan = result.paths?.fan;
  if (fan === undefined) return null;
  return html`<section aria-labelledby="fan">
    <h2 id="fan">Equity of the reconstructed paths, ${currency}</h2>
    ${await renderChart(fanChart(fan))}
    <p class="note">
      ${fanWords(fan)} Line: path 1, of which everything else is told; dashed: the median; bands: half of the paths, and
      nine of ten. Paths share their bars: they differ by what their models learned, not by the market.
    </p>
  </section>`;
}
