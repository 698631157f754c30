import type { LedgerEntry } from '../../../trading/session-result.ts';
import type { ExcursionColumns } from '../../analysis/excursions.ts';
import { mean } from '../../statistics/moments.ts';
import { decimal, percent, plural } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';
import { gainOf } from '../../analysis/trade-analysis.ts';
import { scatterChart } from './scatter-chart.ts';

/** Trades drawn, the newest: more lie on each other. */
const DRAWN_MAX = 2_000;
/** Parts of equal count that the table tells. */
const PARTS = 5;
/** Closed trades from which such parts say anything. */
const LEAST_TRADES = 20;

interface Held {
  readonly trade: LedgerEntry;
  readonly gain: number;
  readonly adverse: number;
  readonly favourable: number;
}

/** How far each closed trade went against and for itself while it was held, beside what came of it. */
export function excursionSection({ result, evaluation }: ReportInput): Markup | null {
  const { excursions } = result;
  if (excursions === undefined) return null;
  const { ledger } = evaluation.session;
  const closed = excursions === null ? [] : heldTrades(ledger, excursions);
  if (closed.length === 0) {
    const why =
      excursions === null ? 'splits or dividends restate prices while trades are held' : 'no trade was closed';
    return ledger.length === 0 ? null : sectionOf(html`<p>Not told: ${why}.</p>`);
  }
  const drawn = closed.slice(-DRAWN_MAX);
  const chart = (name: 'adverse' | 'favourable', x: string, what: string): Markup => {
    const points = drawn.map((held) => ({ x: held[name], y: held.gain, won: held.trade.pnl > 0 }));
    const alt = `${plural(points.length, 'closed trade')} by the ${what} price while held and their net result.`;
    return html`<div>
      <h3>${x}</h3>
      ${scatterChart({ alt, x: `${what} price against the entry`, y: 'net result', points })}
    </div>`;
  };
  return sectionOf(html`
    <div class="pair">
      ${chart('adverse', 'Maximum adverse excursion, and result', 'worst')}
      ${chart('favourable', 'Maximum favourable excursion, and result', 'best')}
    </div>
    ${closed.length < LEAST_TRADES ? fewText(closed.length) : partTables(closed)}
    <p class="note">
      Up: net result over the notional of the entry. Excursions are of whole bars inside a trade and of its own prices,
      before costs; within a bar nobody knows which came first.
      ${drawn.length === closed.length ? null : `Drawn are the newest ${decimal(drawn.length, 0)} of ${decimal(closed.length, 0)}.`}
    </p>
  `);
}

const sectionOf = (content: Markup): Markup =>
  html`<section aria-labelledby="excursions">
    <h2 id="excursions">How far trades went while they were held</h2>
    ${content}
  </section>`;

const fewText = (trades: number): Markup =>
  html`<p>${plural(trades, 'closed trade')}: too few to be told by parts; ${LEAST_TRADES} are the least.</p>`;

function heldTrades(ledger: readonly LedgerEntry[], { adverse, favourable }: ExcursionColumns): Held[] {
  return ledger.flatMap((trade, at) =>
    trade.exitTimeMs === null
      ? []
      : [{ trade, gain: gainOf(trade), adverse: adverse[at]!, favourable: favourable[at]! }],
  );
}

/** Trades in parts of equal count by each excursion: where a stop or a target would have cut. */
function partTables(closed: readonly Held[]): Markup {
  const table = (name: 'adverse' | 'favourable', what: string): Markup => {
    const sorted = closed.toSorted((a, b) => Math.abs(a[name]) - Math.abs(b[name]));
    const rows = Array.from({ length: PARTS }, (_, part): Row => {
      const from = Math.floor((part * sorted.length) / PARTS);
      const some = sorted.slice(from, Math.floor(((part + 1) * sorted.length) / PARTS));
      return [
        `${percent(some[0]![name])} to ${percent(some.at(-1)![name])}`,
        decimal(some.length, 0),
        percent(some.filter(({ trade }) => trade.pnl > 0).length / some.length, 0),
        percent(mean(some.map(({ gain }) => gain))),
      ];
    });
    return html`<div>${plainTable('excursions', [what, 'trades', 'won', 'mean result'], rows)}</div>`;
  };
  return html`<div class="pair">${table('adverse', 'worst price')} ${table('favourable', 'best price')}</div>`;
}
