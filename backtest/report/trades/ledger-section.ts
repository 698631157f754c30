import type { LedgerEntry } from '../../../trading/session-result.ts';
import { amount, decimal, percent, plural, units } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import type { ReportInput } from '../report-input.ts';
import { gainOf } from '../../analysis/trade-analysis.ts';
import { packLedger } from './packed-ledger.ts';

/** Trades that a page holds, the newest: more would make it slow to open. */
export const LEDGER_MAX = 5_000;
/** Rows of the table that are shown at once. */
const PAGE_ROWS = 25;

const COLUMNS: readonly (readonly [column: string, title: string, kind: 'text' | 'number'])[] = [
  ['number', '#', 'number'],
  ['symbol', 'Symbol', 'text'],
  ['side', 'Side', 'text'],
  ['quantity', 'Quantity', 'number'],
  ['entered', 'Entered (UTC)', 'text'],
  ['entry', 'at', 'number'],
  ['left', 'Left (UTC)', 'text'],
  ['exit', 'at', 'number'],
  ['by', 'Closed by', 'text'],
  ['pnl', 'Net profit', 'number'],
  ['gain', 'of entry', 'number'],
  ['fees', 'Fees', 'number'],
  ['worst', 'Worst', 'number'],
  ['best', 'Best', 'number'],
];

/** Index of the first trade that a page holds. */
export const firstHeld = (ledger: readonly LedgerEntry[]): number => Math.max(0, ledger.length - LEDGER_MAX);

/** Every trade, the newest first: with the page's script sorted, filtered and in pages, without it the newest alone. */
export function ledgerSection({ evaluation, result, currency }: ReportInput): Markup | null {
  const { ledger } = evaluation.session;
  if (ledger.length === 0) return null;
  const excursions = result.excursions ?? null;
  const packed = packLedger(ledger, firstHeld(ledger), excursions);
  const newest = Array.from({ length: Math.min(PAGE_ROWS, ledger.length) }, (_, at) => ledger.length - 1 - at);
  const rows = newest.map((at) =>
    rowOf(ledger[at]!, at, excursions === null ? null : [excursions.adverse[at]!, excursions.favourable[at]!]),
  );
  return html`<section aria-labelledby="ledger">
    <h2 id="ledger">Every trade, ${currency}</h2>
    <div class="ledger" data-rows="${PAGE_ROWS}">
      <template>${JSON.stringify(packed)}</template>
      <div class="tools" hidden>
        ${filterOf('Symbol', packed.symbols)} ${filterOf('Side', ['long', 'short'])} ${filterOf('Outcome', OUTCOMES)}
      </div>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="ledger">
        <table class="dense">
          <thead>
            <tr>
              ${COLUMNS.map(
                ([column, title, kind]) =>
                  html`<th scope="col" class="${kind === 'text' ? 'text' : ''}" data-column="${column}">${title}</th>`,
              )}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>
      <p class="pages" hidden>
        <button type="button">Previous</button> <output></output> <button type="button">Next</button>
      </p>
    </div>
    <p class="note">${cutText(ledger.length)} ${EXPLAINED}</p>
  </section>`;
}

const OUTCOMES = ['won', 'lost'];

const EXPLAINED =
  'Net of fees; an open trade counts at its last mark. Worst and best: price of the whole bars inside a trade against its ' +
  'entry, before costs; n/a where splits or dividends restate prices meanwhile.';

function cutText(trades: number): string {
  const all = 'signalbox trades --run RUN --out trades.csv writes all of them (signalbox runs list names the run).';
  const held = Math.min(trades, LEDGER_MAX);
  if (held < trades) return `The newest ${decimal(held, 0)} of ${plural(trades, 'trade')}; ${all}`;
  return `${plural(trades, 'trade')}, ${plural(Math.min(trades, PAGE_ROWS), 'row')} at once; where scripts are off, the newest alone. ${all}`;
}

function filterOf(title: string, values: readonly string[]): Markup {
  return html`<label
    >${title}
    <select aria-label="${title}">
      <option value="">all</option>
      ${values.map((value) => html`<option value="${value}">${value}</option>`)}
    </select></label
  > `;
}

const minute = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ');

function rowOf(trade: LedgerEntry, at: number, excursion: readonly [worst: number, best: number] | null): Markup {
  const [worst, best] = excursion ?? [null, null];
  return html`<tr>
    <th scope="row">${decimal(at + 1, 0)}</th>
    <td class="text">${trade.symbol}</td>
    <td class="text">${trade.side}</td>
    <td>${units(trade.quantity)}</td>
    <td class="text">${minute(trade.entryTimeMs)}</td>
    <td>${amount(trade.entryPrice)}</td>
    <td class="text">${trade.exitTimeMs === null ? 'still open' : minute(trade.exitTimeMs)}</td>
    <td>${amount(trade.exitPrice)}</td>
    <td class="text">${trade.exit ?? 'open'}</td>
    <td class="${trade.pnl < 0 ? 'loss' : 'gain'}">${amount(trade.pnl)}</td>
    <td>${percent(gainOf(trade))}</td>
    <td>${amount(trade.fees)}</td>
    <td>${percent(worst)}</td>
    <td>${percent(best)}</td>
  </tr> `;
}
