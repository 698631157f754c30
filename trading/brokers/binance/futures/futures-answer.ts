import { z } from 'zod';
import '../../../../infra/files/issue-words.ts';
import type { VenueOrderStatus } from '../../venue/request-verdict.ts';
import {
  amount,
  BINANCE_ANSWERS,
  executed,
  id,
  orderFields,
  saysHowMuch,
  side,
  size,
  status,
} from '../binance-answer.ts';

/** Decimal text with more digits than an amount has, such as an average price. */
const decimal = z
  .union([z.string(), z.number()])
  .transform(Number)
  .refine((value) => Number.isFinite(value), 'is no number');

const order = orderFields
  /** What it was before it was triggered: a conditional type where the algo service placed it. */
  .extend({ origType: z.string().nullish() })
  .refine(saysHowMuch, { message: 'is 0', path: ['executedQty'] });
export type FuturesOrder = z.infer<typeof order>;

/** `TRIGGERED` and `FINISHED`: it became another order, which says what came of it. */
const ALGO_STATUSES: Readonly<Record<string, VenueOrderStatus | 'triggered'>> = {
  NEW: 'working',
  TRIGGERING: 'working',
  TRIGGERED: 'triggered',
  FINISHED: 'triggered',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
  REJECTED: 'rejected',
};
const algoStatus = z
  .enum(Object.keys(ALGO_STATUSES) as [string, ...string[]])
  .transform((word) => ALGO_STATUSES[word]!);
/** Empty, or 0, while there is none. */
const actualId = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) =>
    value === null || value === undefined || value === '' || Number(value) === 0 ? null : String(value),
  );

const algo = z.object({
  symbol: z.string(),
  algoId: id,
  clientAlgoId: z.string(),
  side,
  quantity: size,
  algoStatus,
  actualOrderId: actualId,
});
export type FuturesAlgo = z.infer<typeof algo>;

const trade = z
  .object({
    symbol: z.string(),
    id,
    orderId: id,
    price: executed,
    qty: executed,
    commission: amount,
    commissionAsset: z.string(),
    time: z.int(),
    buyer: z.boolean(),
  })
  .transform(({ buyer, ...more }) => ({ ...more, isBuyer: buyer }));

const position = z.object({
  symbol: z.string(),
  positionSide: z.string(),
  positionAmt: amount,
  entryPrice: decimal,
  unRealizedProfit: decimal,
  liquidationPrice: decimal,
  notional: decimal,
  maintMargin: decimal,
});

const account = z.object({
  totalWalletBalance: z.string(),
  totalMarginBalance: z.string(),
  totalInitialMargin: z.string(),
  totalMaintMargin: z.string(),
  availableBalance: amount,
});

const symbolRules = z.object({
  symbol: z.string(),
  contractType: z.string(),
  status: z.string(),
  quoteAsset: z.string(),
  marginAsset: z.string(),
  orderTypes: z.array(z.string()).nullish(),
  /** As the SDK writes it. */
  OrderType: z.array(z.string()).nullish(),
  filters: z.array(z.object({ filterType: z.string() }).loose()),
});
export type FuturesSymbol = z.infer<typeof symbolRules>;

const income = z.object({
  symbol: z.string(),
  incomeType: z.string(),
  income: amount,
  asset: z.string(),
  time: z.int(),
  tranId: id,
});
export type FuturesIncome = z.infer<typeof income>;

/** `c`: our id of the order, or the exchange's word for one that nobody placed; `ot`: its type before it triggered. */
const report = z.object({
  s: z.string(),
  c: z.string(),
  S: side,
  X: status,
  x: z.string(),
  q: size,
  z: size,
  i: id,
  ot: z.string().nullish(),
  t: id.nullish(),
  l: size.nullish(),
  L: size.nullish(),
  n: amount.nullish(),
  N: z.string().nullish(),
  T: z.int().nullish(),
});
export type FuturesReport = z.infer<typeof report>;

/** `ai`: the order that it became. */
const algoReport = z.object({
  s: z.string(),
  caid: z.string(),
  aid: id,
  S: side,
  q: size,
  X: algoStatus,
  ai: actualId,
});
export type FuturesAlgoReport = z.infer<typeof algoReport>;

/** The futures exchange's answers, by what was asked. */
export const FUTURES_ANSWERS = {
  order,
  orders: z.array(order),
  algo,
  algos: z.array(algo),
  /** An algo order that was cancelled is not shown. */
  algoCancelled: z.object({ clientAlgoId: z.string(), code: z.union([z.string(), z.number()]).transform(String) }),
  trades: z.array(trade),
  positions: z.array(position),
  account,
  balances: z.array(z.object({ accountAlias: z.string(), asset: z.string() })),
  accountConfig: z.object({ canTrade: z.boolean(), dualSidePosition: z.boolean(), multiAssetsMargin: z.boolean() }),
  symbolConfigs: z.array(z.object({ symbol: z.string(), marginType: z.string(), leverage: z.int() })),
  exchange: z.object({ symbols: z.array(symbolRules) }),
  mark: z.object({ symbol: z.string(), markPrice: amount }),
  incomes: z.array(income),
  listenKey: z.object({ listenKey: z.string().min(1) }),
  report,
  algoReport,
  marginCall: z.object({
    cw: decimal.nullish(),
    p: z.array(z.object({ s: z.string(), iw: decimal.nullish(), up: decimal, mm: decimal, mt: z.string().nullish() })),
  }),
  time: BINANCE_ANSWERS.time,
};
