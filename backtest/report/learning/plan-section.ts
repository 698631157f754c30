import { decimal } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** What was planned before the data were looked at, beside what was done; nothing where no plan was registered. */
export function planSection({ result }: ReportInput): Markup | null {
  const { plan } = result;
  if (plan === undefined) return null;
  const { hypothesis, measure, minimumEffect, value, reached, trials, maxTrials, departures } = plan;
  return html`<section aria-labelledby="plan">
    <h2 id="plan">Plan ${plan.plan}, registered ${plan.registeredAt.slice(0, 16).replace('T', ' ')} UTC</h2>
    <p>${hypothesis}</p>
    <p>
      ${measure} of at least ${decimal(minimumEffect, 3)}: ${decimal(value, 3)}
      <span class="tag ${reached === true ? 'met' : 'unmet'}">${reached === true ? 'reached' : 'not reached'}</span>.
      ${trials} of at most ${maxTrials} trials.
    </p>
    ${
      departures.length === 0
        ? html`<p>All was done as planned.</p>`
        : plainTable(
            'plan',
            ['departure', 'planned', 'done'],
            departures.map(({ what, planned, done }) => [what, planned, done] as const),
          )
    }
  </section>`;
}
