import type { StrategyShare } from '../../../trading/portfolio/strategy-shares.ts';
import { amount, decimal, percent } from '../../number-format.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** What came of each strategy's part of the account, where several share it. */
export function strategySection({ result, currency }: ReportInput): Markup | null {
  const { strategies } = result;
  if (strategies === undefined) return null;
  const head = [
    '',
    'given',
    'moved',
    'worth',
    'profit',
    'realised',
    'open',
    'share',
    'fees',
    'spread and slippage',
    'holding',
    'interest earned',
    'fills',
    'trades',
    'won',
    'days held',
  ];
  return html`<section aria-labelledby="strategies">
    <h2 id="strategies">Strategies that share the account, ${currency}</h2>
    ${plainTable('trades', head, strategies.map(rowOf))}
    <p class="note">
      Parts add up to the account, and profit is net of all costs; the share is of the account’s profit. Opposite orders
      of two strategies are both sent and both pay, and their trades are told apart, which the account’s are not.
      Realised is of lots, the oldest closed first, net of fees; days held are the median of closed lots.
    </p>
  </section>`;
}

const rowOf = ({ name, allocated, transferred, equity, profit, ...share }: StrategyShare): Row => [
  name ?? 'not allocated',
  amount(allocated),
  amount(transferred),
  amount(equity),
  amount(profit),
  amount(share.realised),
  amount(share.unrealised),
  percent(share.share, 1),
  amount(share.fees),
  amount(share.slippage),
  amount(share.holding),
  amount(share.interest),
  decimal(share.fills, 0),
  decimal(share.trades, 0),
  percent(share.winRate, 1),
  decimal(share.lots.holdingDays?.median ?? null, 1),
];
