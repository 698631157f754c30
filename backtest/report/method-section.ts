import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { furtherLimits, isSet } from '../../models/experiment/limits-schema.ts';
import { costsOf, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import { amount, decimal, percent } from '../number-format.ts';
import type { ReportInput } from './report-input.ts';
import { html, type Markup } from './html.ts';

const fact = (name: string, value: Markup | string): Markup =>
  html`<dt>${name}</dt>
    <dd>${value}</dd> `;

const share = (value: number | null): string => (value === null ? 'off' : `${percent(value, 1)} of equity`);

function limitFacts(limits: RiskLimits): Markup[] {
  return [
    fact('Position', share(limits.positionFraction)),
    fact('Daily loss', share(limits.dailyLossFraction)),
    fact('Drawdown', share(limits.drawdownFraction)),
    fact('One order', share(limits.orderNotionalFraction)),
    fact('Gross exposure', share(limits.grossExposureFraction)),
    fact('Sector exposure', share(limits.sectorExposureFraction)),
    fact('Orders a minute', limits.ordersPerMinute === null ? 'off' : decimal(limits.ordersPerMinute, 0)),
    fact('Least confidence', decimal(limits.minimumConfidence)),
    fact('Short positions', limits.shortAllowed ? 'allowed' : 'not allowed'),
    ...Object.keys(furtherLimits).flatMap((key) => {
      const limit = limits[key as keyof typeof furtherLimits];
      return !isSet(limit) ? [] : [fact(wordsOf(key), plain(limit))];
    }),
  ];
}

const FILL_WORDS: Readonly<Record<Costs['fill'], string>> = {
  'next-open': "the next bar's open",
  'next-close': "the next bar's close",
  'same-close': 'the close of the decision itself: unrealistic',
};
/** `valueAtRisk` as "Value at risk". */
function wordsOf(key: string): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A value with its keys, as a reader would write it. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(' ');
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key} ${plain(inner)}`)
    .join(', ');
}

/** Limits, costs and where the bars came from. */
export function methodSection({ result, costs: given, data, currency }: ReportInput): Markup {
  const costs = costsOf(given);
  const bps = (value: number): string => `${decimal(value)} bps`;
  return html`<section aria-labelledby="method">
    <h2 id="method">Data, costs and limits</h2>
    <div class="pair">
      <div>
        <h3>Data</h3>
        <dl class="facts">
          ${fact('Source', data.url === null ? data.title : html`${data.title} (<code>${data.url}</code>)`)}
          ${fact('Statement', data.statement)}
          ${fact('Bars', `${decimal(result.bars, 0)} of ${data.timeframe}, ${result.from} to ${result.to}`)}
        </dl>
        <h3>Costs</h3>
        <dl class="facts">
          ${fact('Fee', bps(costs.feeBps))} ${fact('Half spread', bps(costs.halfSpreadBps))}
          ${costs.spread === undefined ? '' : fact('Spread', `${decimal(costs.spread)} a unit`)}
          ${fact('Slippage', `${costs.slippage.kind}, ${bps(costs.slippage.bps)}`)}
          ${costs.own === undefined ? '' : fact('Cost model', `${costs.own.code.path}, ${costs.own.code.hash.slice(0, 12)}`)}
          ${fact('Fill', FILL_WORDS[costs.fill])}
          ${costs.financing === undefined ? '' : fact('Holding, a year', plain(costs.financing))}
          ${fact('Capital', `${amount(result.initialCapital)} ${currency}`)}
        </dl>
      </div>
      <div>
        <h3>Risk limits</h3>
        <dl class="facts">${limitFacts(result.limits)}</dl>
      </div>
    </div>
  </section>`;
}

/** Everything that was noted: halts, and a reason for each figure that could not be computed. */
export function notesSection({ result }: ReportInput): Markup | null {
  const notes = result.reasons
    .slice(result.outOfSample?.headline === undefined ? 1 : 2)
    .filter((reason) => !/^(Met|Not met): /.test(reason));
  if (notes.length === 0) return null;
  return html`<section aria-labelledby="notes">
    <h2 id="notes">Notes</h2>
    <ul class="plain">
      ${notes.map((note) => html`<li>${note}</li> `)}
    </ul>
  </section>`;
}

/** What repeats this run to the last byte. */
export function reproducibilitySection({ result, identification, source }: ReportInput): Markup {
  return html`<section aria-labelledby="reproducibility">
    <h2 id="reproducibility">To repeat this run</h2>
    <dl class="facts">
      ${fact('Journal hash', html`<code>${result.journalHash}</code>`)}
      ${identification.map(({ label, value }) => fact(label, html`<code>${value}</code>`))}
    </dl>
    <pre tabindex="0" aria-label="Experiment">${source}</pre>
  </section>`;
}
