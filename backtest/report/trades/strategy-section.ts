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
    'fees',
    'fills',
    'lots',
    'won',
    'days held',
  ];
  return html`<section aria-labelledby="strategies">
    <h2 id="strategies">Strategies that share the account, ${currency}</h2>
    ${plainTable('trades', head, strategies.map(rowOf))}
    <p class="note">
      Parts add up to the account. Opposite orders of two strategies are both sent and both pay. Realised is of lots,
      the oldest closed first, net of fees; days held are the median of closed lots.
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
  amount(share.fees),
  decimal(share.fills, 0),
  decimal(share.lots.closed, 0),
  percent(share.lots.winRate, 1),
  decimal(share.lots.holdingDays?.median ?? null, 1),
];
