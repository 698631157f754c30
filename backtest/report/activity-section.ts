import type { SignalRecord } from '../../trading/session-result.ts';
import { decimal, percent, plural } from '../number-format.ts';
import type { ReportInput } from './report-input.ts';
import { html, type Markup } from './html.ts';
import { refusedCount } from '../../trading/refusal-groups.ts';

/** Signals shown, newest first. */
const SIGNALS_SHOWN = 12;

const minute = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

/** The newest signals with what they were based on. */
export function signalsSection({ evaluation }: ReportInput): Markup {
  const signals = evaluation.session.lastSignals.slice(-SIGNALS_SHOWN).reverse();
  const row = (signal: SignalRecord): Markup =>
    html`<tr>
      <td class="text">${minute(signal.timeMs)}</td>
      <th scope="row">${signal.symbol}</th>
      <td class="text">${signal.action}</td>
      <td>${signal.probability === null ? 'rule' : percent(signal.probability, 1)}</td>
      <td>${decimal(signal.confidence)}</td>
      <td class="wrap">${signal.reason}</td>
    </tr> `;
  return html`<section aria-labelledby="signals">
    <h2 id="signals">Last signals</h2>
    ${
      signals.length === 0
        ? html`<p>The strategy gave no signal.</p>`
        : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="signals">
            <table>
              <thead>
                <tr>
                  <th scope="col" class="text">Time (UTC)</th>
                  <th scope="col" class="text">Symbol</th>
                  <th scope="col" class="text">Signal</th>
                  <th scope="col">Up</th>
                  <th scope="col">Confidence</th>
                  <th scope="col" class="text">Reason</th>
                </tr>
              </thead>
              <tbody>
                ${signals.map(row)}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}

/** What was not let through, by reason. */
export function refusalsSection({ evaluation }: ReportInput): Markup {
  const { refused: groups } = evaluation.session;
  return html`<section aria-labelledby="refusals">
    <h2 id="refusals">What was refused, and why</h2>
    ${
      groups.length === 0
        ? html`<p>No signal and no order was refused.</p>`
        : html`<p>
              ${plural(refusedCount(groups), 'refusal')}. Refused signals and orders are recorded like the approved
              ones.
            </p>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="refusals">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Reason</th>
                    <th scope="col" class="text">Stage</th>
                    <th scope="col">Count</th>
                    <th scope="col" class="text">Latest (UTC)</th>
                    <th scope="col" class="text">In words</th>
                  </tr>
                </thead>
                <tbody>
                  ${groups.map(
                    ({ code, stage, count, latest }) =>
                      html`<tr>
                        <th scope="row">${code}</th>
                        <td class="text">${stage}</td>
                        <td>${decimal(count, 0)}</td>
                        <td class="text">${minute(latest.timeMs)} ${latest.symbol}</td>
                        <td class="wrap">${latest.reason}</td>
                      </tr> `,
                  )}
                </tbody>
              </table>
            </div>`
    }
  </section>`;
}
