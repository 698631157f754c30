import type { PaymentKind } from '../../../venue-event.ts';
import type { VenuePayment } from '../../venue/request-verdict.ts';
import { amountNumber } from '../asset-amount.ts';
import { garbled } from '../binance-answer.ts';
import type { BinanceClient } from '../binance-client.ts';
import type { Market } from '../binance-markets.ts';
import { FUTURES_ANSWERS, type FuturesIncome } from './futures-answer.ts';

const PAGE = 1000;
const PATH = 'fapi/v1/income';
/** What comes without an execution: funding, and what a liquidation cost beyond its executions. */
const KINDS: Readonly<Record<string, PaymentKind>> = { FUNDING_FEE: 'funding', INSURANCE_CLEAR: 'clearance' };

/**
 * Payments of the session's contracts from `sinceMs` on, oldest first, whole. Each is named by contract, kind and the
 * exchange's number, which is unique among those of a kind.
 * @throws SignalboxError
 */
export async function paymentsSince(
  client: BinanceClient,
  markets: { readonly pairOf: (symbol: string) => Market | null },
  sinceMs: number,
): Promise<VenuePayment[]> {
  const found = new Map<string, VenuePayment>();
  for (const incomeType of Object.keys(KINDS)) {
    for (const income of await incomesSince(client, incomeType, sinceMs)) {
      const market = markets.pairOf(income.symbol);
      if (market === null) continue;
      if (income.asset !== market.quote) throw garbled('a payment', `it is in ${income.asset}, not ${market.quote}`);
      const paymentId = `${income.symbol}/${incomeType}/${income.tranId}`;
      const { time: timeMs } = income;
      const cash = amountNumber(income.income);
      found.set(paymentId, { paymentId, symbol: market.name, kind: KINDS[incomeType]!, cash, timeMs });
    }
  }
  return [...found.values()].sort((a, b) => a.timeMs - b.timeMs);
}

/** A page that is full ends within a millisecond of which there may be more: the next one begins with it. */
async function incomesSince(client: BinanceClient, incomeType: string, sinceMs: number): Promise<FuturesIncome[]> {
  const found: FuturesIncome[] = [];
  for (let startTime = Math.max(0, Math.floor(sinceMs)); ;) {
    const ask = { path: PATH, weight: 30, signed: true, params: { incomeType, startTime, limit: PAGE } };
    const page = await client.read('the payments', FUTURES_ANSWERS.incomes, ask);
    found.push(...page);
    if (page.length < PAGE) return found;
    const lastMs = page.at(-1)!.time;
    if (lastMs <= startTime) throw garbled('the payments', 'more than a page is of one millisecond');
    startTime = lastMs;
  }
}
