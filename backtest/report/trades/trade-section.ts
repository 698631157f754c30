import type { AttributionRow, Attributed } from '../../analysis/attribution.ts';
import type { FeatureAttribution } from '../../analysis/feature-attribution.ts';
import type { LotSection } from '../../analysis/lots.ts';
import { amount, decimal, percent } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

const ATTRIBUTION_TITLES: Readonly<Record<Attributed, string>> = {
  symbol: 'Symbol',
  side: 'Side',
  entry: 'Entered because of',
  exit: 'Closed by',
  regime: 'State of the market at the entry',
  weekday: 'Weekday of the entry (UTC)',
  hour: 'Hour of the entry (UTC)',
  year: 'Year of the entry',
  month: 'Month of the entry',
};
/** Rows of one split that are shown; the document has more. */
const ROWS_SHOWN = 24;
/** Of more features the best and the worst are shown. */
const ENDS_SHOWN = 10;

/** What trades were like, and what those that won or lost have in common. */
export function tradeSection({ result, currency }: ReportInput): Markup | null {
  const { tradeAnalysis: trades, attribution, lots, featureAttribution: features } = result;
  if (attribution === undefined || result.ledger.length === 0) return null;
  const { gross, fees, slippage, net, ...held } = attribution.cost;
  const holding = result.financing === undefined ? [] : Object.entries(held);
  const splits = (Object.keys(ATTRIBUTION_TITLES) as Attributed[]).filter((name) => attribution[name].length > 1);
  return html`<section aria-labelledby="trades">
    <h2 id="trades">Trades, and where the profit came from</h2>
    ${trades === undefined || trades === null ? null : plainTable('trades', ['', ''], tradeRows(result, trades))}
    <h3 id="cost-split">Before and after costs, ${currency}</h3>
    ${plainTable(
      'cost-split',
      ['before costs', 'fees', 'spread and slippage', ...holding.map(([name]) => name), 'after costs'],
      [[amount(gross), amount(-fees), amount(-slippage), ...holding.map(([, cost]) => amount(-cost)), amount(net)]],
    )}
    ${splits.map(
      (name) =>
        html`<details>
          <summary>${ATTRIBUTION_TITLES[name]}: ${splitText(attribution[name])}</summary>
          ${plainTable('trades', SPLIT_HEAD, attribution[name].slice(0, ROWS_SHOWN).map(splitRow))}
        </details>`,
    )}
    ${features === undefined || features === null || features.trades === 0 ? null : featureTable(features)}
    ${lots === undefined || lots === null || lots.closed === 0 ? null : lotTable(lots)}
    <p class="note">
      Net of fees; an open position counts at its last mark. Excursions are of the bars wholly inside a trade, against
      its entry.
    </p>
  </section>`;
}

/** Profit by the features that moved the predictions; the rows add up to that of all trades. */
function featureTable({ features, cancelled, unknown, total, trades }: FeatureAttribution): Markup {
  const shown =
    features.length > ROWS_SHOWN ? [...features.slice(0, ENDS_SHOWN), ...features.slice(-ENDS_SHOWN)] : features;
  const others = features.filter((row) => !shown.includes(row));
  const rest = others.reduce((all, { pnl }) => all + pnl, 0);
  const sum = (name: string, profit: number): Row => [name, '', '', amount(profit)];
  const rows: Row[] = [
    ...shown.map(({ name, meanMove, share, pnl }): Row => [name, decimal(meanMove, 3), percent(share, 1), amount(pnl)]),
    ...(others.length === 0 ? [] : [sum(`${others.length} others`, rest)]),
    sum('spoke against each other', cancelled),
    ...(unknown === 0 ? [] : [sum('without a known prediction', unknown)]),
    sum('all', total),
  ];
  return html`<details>
    <summary>
      Features: ${features[0]!.name} ${amount(features[0]!.pnl)} to ${features.at(-1)!.name}
      ${amount(features.at(-1)!.pnl)}
    </summary>
    ${plainTable('trades', ['', 'mean move', 'share of moves', 'profit'], rows)}
    <p class="note">
      What a feature added to the log-odds of the side traded, over ${decimal(trades, 0)} entries. A trade’s profit is
      split by the size of the moves behind it: with its sign for a feature that spoke for the side, with the other for
      one that spoke against it.
    </p>
  </details>`;
}

/** Lots by how long they were held. */
function lotTable({ byHoldingPeriod, closed, realised }: LotSection): Markup {
  const rows = byHoldingPeriod.map(({ held, lots, profit }): Row => [held, decimal(lots, 0), amount(profit)]);
  return html`<details>
    <summary>Lots, first in, first out: ${decimal(closed, 0)} closed, realised ${amount(realised)}</summary>
    ${plainTable('trades', ['held', 'lots', 'profit'], rows)}
  </details>`;
}

const SPLIT_HEAD = ['', 'trades', 'won', 'profit', 'fees', 'profit factor'];

const splitRow = ({ name, trades, winRate, pnl, fees, profitFactor }: AttributionRow): Row => [
  name,
  decimal(trades, 0),
  percent(winRate, 1),
  amount(pnl),
  amount(fees),
  decimal(profitFactor),
];

/** The two ends of a split in words. */
function splitText(rows: readonly AttributionRow[]): string {
  const sorted = rows.toSorted((a, b) => b.pnl - a.pnl);
  const told = ({ name, pnl }: AttributionRow): string => `${name} ${amount(pnl)}`;
  return `${told(sorted[0]!)} to ${told(sorted.at(-1)!)}`;
}

function tradeRows(
  { profitFactor, expectancy, winRate }: ReportInput['result'],
  trades: NonNullable<ReportInput['result']['tradeAnalysis']>,
): Row[] {
  const { durationHours: hours, durationBars: bars, adverseExcursion: worst, favourableExcursion: best } = trades;
  return [
    ['Closed trades', `${decimal(trades.closed, 0)}, ${percent(winRate, 1)} won`],
    ['Average win and loss', `${amount(trades.averageWin)} and ${amount(trades.averageLoss)}`],
    ['Payoff, profit factor, expectancy', `${decimal(trades.payoff)}, ${decimal(profitFactor)}, ${amount(expectancy)}`],
    ['Largest win and loss', `${amount(trades.largestWin)} and ${amount(trades.largestLoss)}`],
    ['Longest run of wins and of losses', `${trades.longestWinStreak} and ${trades.longestLossStreak}`],
    [
      'Held, median (least to most)',
      `${decimal(hours.median, 1)} h (${decimal(hours.least, 1)} to ${decimal(hours.most, 1)})`,
    ],
    ['Whole bars held, median', decimal(bars.median, 0)],
    ['Worst price while held, mean', `${percent(worst?.mean ?? null)}, of winners ${percent(trades.adverseOfWins)}`],
    ['Best price while held, mean', `${percent(best?.mean ?? null)}, of losers ${percent(trades.favourableOfLosses)}`],
  ];
}
