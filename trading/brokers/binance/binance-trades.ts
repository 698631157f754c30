import type { z } from 'zod';
import { DAY_MS } from '../../../features/timeframe.ts';
import { BINANCE_ANSWERS, garbled, type BinanceTrade } from './binance-answer.ts';
import type { BinanceClient } from './binance-client.ts';
import type { BinanceFill } from './binance-fills.ts';

const PAGE = 1000;
/** Most days that are asked for one by one: a question covers no more than one. */
const DAYS_MAX = 30;

/** Where an exchange tells trades, and how. */
export interface TradesAt {
  readonly path: string;
  readonly answer: z.ZodType<readonly BinanceTrade[]>;
}

const SPOT_TRADES: TradesAt = { path: 'api/v3/myTrades', answer: BINANCE_ANSWERS.trades };

/** Which trades of one symbol: those of an order, or all of a time by the venue's clock. */
export type AskedTrades = { readonly orderId: string } | { readonly sinceMs: number; readonly untilMs: number };

type Page = readonly BinanceTrade[];
type Parameters = Readonly<Record<string, string | number>>;

/** The trades of a symbol, oldest first, whole. @throws SignalboxError */
export async function tradesSince(
  client: BinanceClient,
  { pair: symbol }: { readonly pair: string },
  asked: AskedTrades,
  { path, answer }: TradesAt = SPOT_TRADES,
): Promise<BinanceFill[]> {
  const read = async (more: Parameters): Promise<Page> => {
    const weight = 'orderId' in more ? 5 : 20;
    const ask = { path, weight, signed: true, params: { symbol, limit: PAGE, ...more } };
    const page = await client.read('the executions', answer, ask);
    const isIt = (one: BinanceTrade): boolean => one.symbol === symbol && (more.orderId ?? one.orderId) === one.orderId;
    if (!page.every(isIt)) throw garbled('the executions', 'there are others among them');
    return page;
  };
  const of: Parameters = 'orderId' in asked ? { orderId: asked.orderId } : {};
  const first = 'orderId' in asked ? { page: await read(of), isAll: false } : await firstPage(read, asked);
  const found = [...first.page];
  let isAll = first.isAll || (first.page.length < PAGE && 'orderId' in asked);
  while (!isAll) {
    const last = BigInt(found.at(-1)!.id);
    const page = await read({ ...of, fromId: String(last + 1n) });
    if (page.some(({ id }) => BigInt(id) <= last)) throw garbled('the executions', 'the same page came again');
    found.push(...page);
    isAll = page.length < PAGE;
  }
  const sinceMs = 'sinceMs' in asked ? asked.sinceMs : -Infinity;
  return found.filter(({ time }) => time >= sinceMs).map(fillOf);
}

/**
 * Day by day, up to the first that has any: from there on pages follow by number. Where that would be too many
 * questions, from the first trade of all.
 */
async function firstPage(
  read: (more: Parameters) => Promise<Page>,
  { sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number },
): Promise<{ readonly page: Page; readonly isAll: boolean }> {
  if (untilMs - sinceMs > DAYS_MAX * DAY_MS) {
    const page = await read({ fromId: '0' });
    return { page, isAll: page.length < PAGE };
  }
  for (let startTime = Math.floor(sinceMs); ; startTime += DAY_MS) {
    // What is traded while it is asked for counts, too.
    const isLast = startTime + DAY_MS > untilMs;
    const page = await read(isLast ? { startTime } : { startTime, endTime: startTime + DAY_MS - 1 });
    if (page.length > 0 || isLast) return { page, isAll: isLast && page.length < PAGE };
  }
}

const fillOf = ({
  symbol,
  id,
  orderId,
  price,
  qty,
  commission,
  commissionAsset,
  time,
  isBuyer,
}: BinanceTrade): BinanceFill => ({
  symbol,
  tradeId: id,
  orderId,
  clientOrderId: null,
  side: isBuyer ? 1 : -1,
  quantity: qty,
  price,
  commission,
  commissionAsset,
  timeMs: time,
});
