import { GarbledAnswer, readAnswerBy } from '../venue/request-failure.ts';
import { z } from 'zod';
import '../../../infra/files/issue-words.ts';
import { parseStorable } from '../../../infra/logging/storable-text.ts';
import type { VenueOrderStatus } from '../venue/request-verdict.ts';
import { amountUnits } from './asset-amount.ts';
import { scrubbed } from './binance-verdict.ts';

/** Digits that a double does not hold: ids are texts here. */
const LONG = /([[,:]\s*)(-?\d{16,})(?=\s*[,\]}])/g;

/** JSON whose long whole numbers keep their digits, as texts; all texts fit to be stored. @throws SyntaxError */
export const exactJson = (text: string): unknown => parseStorable(text.replace(LONG, '$1"$2"'));

/** Whole numbers, -1 for none: pages of trades follow by them. */
export const id = z.union([z.string().regex(/^-?\d{1,30}$/, 'is no number'), z.int()]).transform(String);
/** Decimal text, in units of 1e-8. */
export const amount = z.union([z.string(), z.number()]).transform((value, context) => {
  const units = amountUnits(String(value));
  if (units !== null) return units;
  context.addIssue({ code: 'custom', message: 'is no amount' });
  return z.NEVER;
});
/** Of orders: less than nothing is garbled. */
export const size = amount.refine((units) => units >= 0n, 'is negative');
/** Of what was executed: it is more than nothing. */
export const executed = amount.refine((units) => units > 0n, 'is not above 0');
export const side = z.enum(['BUY', 'SELL']).transform((word): 1 | -1 => (word === 'BUY' ? 1 : -1));

/** `EXPIRED_IN_MATCH`: it would have met an order of the same account. */
const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  NEW: 'working',
  PENDING_NEW: 'working',
  PARTIALLY_FILLED: 'working',
  PENDING_CANCEL: 'pending-cancel',
  FILLED: 'filled',
  CANCELED: 'canceled',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
};
export const status = z.enum(Object.keys(STATUSES) as [string, ...string[]]).transform((word) => STATUSES[word]!);

/** What an order is told by, of spot and of futures. */
export const orderFields = z.object({
  symbol: z.string(),
  orderId: id,
  clientOrderId: z.string(),
  side,
  status,
  origQty: size,
  executedQty: size,
});
/** What was filled says how much: an order does not end before that is booked. */
export const saysHowMuch = (one: { readonly status: VenueOrderStatus; readonly executedQty: bigint }): boolean =>
  one.status !== 'filled' || one.executedQty > 0n;
const order = orderFields.refine(saysHowMuch, { message: 'is 0', path: ['executedQty'] });
export type BinanceOrder = z.infer<typeof order>;

const trade = z.object({
  symbol: z.string(),
  id,
  orderId: id,
  price: executed,
  qty: executed,
  commission: amount,
  commissionAsset: z.string(),
  time: z.int(),
  isBuyer: z.boolean(),
});
export type BinanceTrade = z.infer<typeof trade>;

const account = z.object({
  canTrade: z.boolean(),
  accountType: z.string().nullish(),
  uid: id.nullish(),
  balances: z.array(z.object({ asset: z.string(), free: amount, locked: amount })),
});

const symbolRules = z.object({
  symbol: z.string(),
  status: z.string(),
  baseAsset: z.string(),
  quoteAsset: z.string(),
  orderTypes: z.array(z.string()),
  allowTrailingStop: z.boolean().nullish(),
  filters: z.array(z.object({ filterType: z.string() }).loose()),
});

/** `x`: what happened; `C`: the id of the order that a cancel ended, whose own is `c`. */
const report = z.object({
  s: z.string(),
  c: z.string(),
  C: z.string().nullish(),
  S: side,
  X: status,
  x: z.string(),
  q: size,
  z: size,
  i: id,
  t: id.nullish(),
  l: size.nullish(),
  L: size.nullish(),
  n: amount.nullish(),
  N: z.string().nullish(),
  T: z.int().nullish(),
});

/** Binance's answers, by what was asked. */
export const BINANCE_ANSWERS = {
  order,
  orders: z.array(order),
  cancelled: orderFields.omit({ clientOrderId: true }).extend({ origClientOrderId: z.string() }),
  replaced: z.object({ newOrderResponse: order }),
  trades: z.array(trade),
  account,
  exchange: z.object({ symbols: z.array(symbolRules) }),
  averagePrice: z.object({ price: amount }),
  /** Open time, open price. */
  candles: z.array(z.tuple([z.number(), amount]).rest(z.unknown())),
  time: z.object({ serverTime: z.int() }),
  report,
};
export type BinanceSymbol = z.infer<typeof symbolRules>;
export type BinanceReport = z.infer<typeof report>;

/** The error for an answer that is none of Binance's. */
export function garbled(what: string, detail: string): GarbledAnswer {
  return new GarbledAnswer(scrubbed(`binance gave an answer that cannot be right (${what}): ${detail}`));
}

/** The text of an answer as `schema` describes it. @throws GarbledAnswer */
export function readAnswer<T>(schema: z.ZodType<T>, text: string, what: string): T {
  return readAnswerBy({ parse: exactJson, garbled }, schema, text, what);
}
