import { GarbledAnswer, readAnswerBy } from '../venue/request-failure.ts';
import { z } from 'zod';
import '../../../infra/files/issue-words.ts';
import { maskSecrets } from '../../../infra/logging/mask-secrets.ts';
import { parseStorable, storableText } from '../../../infra/logging/storable-text.ts';
import type {
  VenueAccount,
  VenueExecution,
  VenueOrder,
  VenueOrderStatus,
  VenuePosition,
} from '../venue/request-verdict.ts';
import type { VenueHours } from '../venue/venue-broker.ts';

/** Alpaca writes amounts as strings, and now and then as numbers. */
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
export const amount = z.union([z.string(), z.number()]).transform((value, context) => {
  const number = Number(value);
  if (DECIMAL.test(String(value)) && Number.isFinite(number)) return number;
  context.addIssue({ code: 'custom', message: 'is no number' });
  return z.NEVER;
});
const size = amount.refine((value) => value >= 0, 'is negative');
/** Of what was executed: it is more than nothing. */
const executed = amount.refine((value) => value > 0, 'is not above 0');
/** Exact digits of an account. */
const digits = z.string().regex(/^-?\d+(\.\d+)?$/, 'is no amount');
const side = z.enum(['buy', 'sell']).transform((word): 1 | -1 => (word === 'buy' ? 1 : -1));
/** A time of day without a zone, which JavaScript takes for one of this machine. */
const NO_ZONE = /T[\d:.]+$/;
/** Alpaca's times are of UTC where they name no zone. */
export const instant = z.union([z.string(), z.date()]).transform((value, context) => {
  const ms = value instanceof Date ? value.getTime() : Date.parse(NO_ZONE.test(value) ? `${value}Z` : value);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: 'custom', message: 'is no time' });
  return z.NEVER;
});

/** `done_for_day` and `calculated` are not the end: what is left of a GTC order works again the next day. */
const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  new: 'working',
  accepted: 'working',
  pending_new: 'working',
  accepted_for_bidding: 'working',
  partially_filled: 'working',
  held: 'working',
  stopped: 'working',
  suspended: 'working',
  calculated: 'working',
  done_for_day: 'working',
  pending_replace: 'working',
  pending_cancel: 'pending-cancel',
  filled: 'filled',
  canceled: 'canceled',
  expired: 'expired',
  rejected: 'rejected',
  replaced: 'replaced',
};
const status = z.enum(Object.keys(STATUSES) as [string, ...string[]]).transform((word) => STATUSES[word]!);

/** A name, also where the SDK has read the JSON: fit to be stored. */
export const nameText = z.string().transform(storableText);

/** A pair of coins is written without its slash by positions and activities. No share has one of these at its end. */
const QUOTES = /^([A-Z0-9]{2,})(USDT|USDC|USD)$/;
export const pairName = z.string().transform((symbol) => symbol.replace(QUOTES, '$1/$2'));

/** An order as REST shows it, with the legs that hang on it. */
const orderSchema: z.ZodType<VenueOrder> = z
  .object({
    id: z.string().min(1).transform(storableText),
    client_order_id: nameText,
    symbol: nameText.pipe(pairName),
    side,
    status,
    qty: size.nullish(),
    filled_qty: size,
    limit_price: amount.nullish(),
    stop_price: amount.nullish(),
    extended_hours: z.boolean().nullish(),
    replaces: z.string().nullish(),
    replaced_by: z.string().nullish(),
    legs: z.lazy(() => z.array(orderSchema)).nullish(),
  })
  // What was filled says how much: an order does not end before that is booked.
  .refine((order) => order.status !== 'filled' || order.filled_qty > 0, { message: 'is 0', path: ['filled_qty'] })
  .transform((order) => ({
    venueOrderId: order.id,
    clientOrderId: order.client_order_id,
    symbol: order.symbol,
    side: order.side,
    status: order.status,
    quantity: order.qty ?? null,
    filled: order.filled_qty,
    limit: order.limit_price ?? null,
    stop: order.stop_price ?? null,
    legs: order.legs ?? [],
    ...(order.extended_hours === true ? { extended: true as const } : {}),
    ...(typeof order.replaces === 'string' ? { replaces: order.replaces } : {}),
    ...(typeof order.replaced_by === 'string' ? { replacedBy: order.replaced_by } : {}),
  }));

/** With the time by which the next page is asked for. */
const openOrderSchema = z
  .object({ submitted_at: z.string() })
  .loose()
  .transform((raw, context) => {
    const read = orderSchema.safeParse(raw);
    if (read.success) return { order: read.data, submittedAt: raw.submitted_at };
    context.addIssue({ code: 'custom', message: read.error.issues[0]!.message, path: read.error.issues[0]!.path });
    return z.NEVER;
  });

const positionSchema = z
  .object({ symbol: pairName, qty: amount, side: z.enum(['long', 'short']), avg_entry_price: amount })
  .extend({ market_value: amount.nullish(), unrealized_pl: amount.nullish() })
  // The sign of a short is in the quantity, in the side, or in both.
  .transform(({ symbol, qty, side: way, avg_entry_price: price, ...said }): VenuePosition => {
    const worth = { value: said.market_value ?? undefined, unrealised: said.unrealized_pl ?? undefined };
    return { symbol, quantity: way === 'short' ? -Math.abs(qty) : qty, price, ...worth };
  });

const BLOCKS = ['trading_blocked', 'account_blocked', 'trade_suspended_by_user'] as const;

const accountSchema = z
  .object({
    id: z.string().min(1),
    status: z.string(),
    currency: z.string().nullish(),
    cash: digits,
    equity: digits,
    trading_blocked: z.boolean().nullish(),
    account_blocked: z.boolean().nullish(),
    trade_suspended_by_user: z.boolean().nullish(),
    shorting_enabled: z.boolean().nullish(),
    account_number: z.string().nullish(),
    buying_power: digits.nullish(),
    last_equity: digits.nullish(),
    initial_margin: digits.nullish(),
    maintenance_margin: digits.nullish(),
    long_market_value: digits.nullish(),
    short_market_value: digits.nullish(),
  })
  .transform((account): VenueAccount => {
    const blocks: string[] = BLOCKS.filter((name) => account[name] === true);
    if (account.status !== 'ACTIVE') blocks.unshift(`status ${account.status}`);
    const { id, cash, equity, currency, shorting_enabled: shorting } = account;
    const standing = { id, cash, equity, currency: currency ?? 'USD', blocks, shorting: shorting ?? false };
    return {
      ...standing,
      number: account.account_number ?? undefined,
      buyingPower: account.buying_power ?? undefined,
      lastEquity: account.last_equity ?? undefined,
      initialMargin: account.initial_margin ?? undefined,
      maintenanceMargin: account.maintenance_margin ?? undefined,
      longValue: account.long_market_value ?? undefined,
      shortValue: account.short_market_value ?? undefined,
    };
  });

/** Fills only: the activities hold dividends and fees too, of another shape. */
const fillSchema = z
  .object({
    id: z.string().min(1),
    activity_type: z.literal('FILL'),
    order_id: z.string(),
    symbol: pairName,
    // `sell_short` is a sale.
    side: z.enum(['buy', 'sell', 'sell_short']),
    qty: executed,
    price: executed,
    transaction_time: instant,
    cum_qty: size.nullish(),
  })
  .refine(({ qty, cum_qty: sum }) => typeof sum !== 'number' || qty <= sum * (1 + 1e-9), {
    message: 'is more than was executed in all',
    path: ['qty'],
  })
  .transform((fill) => ({ token: fill.id, execution: executionOf(fill) }));

/** A fee taken in coins, once a day: of an order of no name. */
const coinFeeSchema = z
  .object({
    id: z.string().min(1),
    activity_type: z.literal('CFEE'),
    symbol: pairName.nullish(),
    qty: amount.nullish(),
    price: amount.nullish(),
    created_at: instant.nullish(),
    date: instant.nullish(),
  })
  .transform(({ id, symbol, qty, price, created_at: madeMs, date: dateMs }) => {
    const execution: VenueExecution = {
      executionId: id.split('::').at(-1)!,
      venueOrderId: '',
      clientOrderId: null,
      symbol: symbol ?? '',
      quantity: 0,
      price: price ?? 0,
      timeMs: madeMs ?? dateMs ?? NaN,
      cumulative: null,
      feeUnits: Math.max(0, -(qty ?? 0)),
    };
    return { token: id, execution };
  });

function executionOf(fill: {
  readonly id: string;
  readonly order_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly qty: number;
  readonly price: number;
  readonly transaction_time: number;
  readonly cum_qty?: number | null | undefined;
}): VenueExecution {
  return {
    // `20220202135509981::2d7be4ff-...`: the moment, and the name by which the stream knows it.
    executionId: fill.id.split('::').at(-1)!,
    venueOrderId: fill.order_id,
    clientOrderId: null,
    symbol: fill.symbol,
    quantity: fill.side.startsWith('sell') ? -fill.qty : fill.qty,
    price: fill.price,
    timeMs: fill.transaction_time,
    cumulative: fill.cum_qty ?? null,
  };
}

const clockSchema = z.object({ timestamp: instant }).transform(({ timestamp }) => timestamp);

/** The hours of the market for shares; null where they are not told. */
const hoursSchema = z
  .object({ is_open: z.boolean(), next_open: instant.nullish(), next_close: instant.nullish() })
  .transform(({ is_open: isOpen, next_open: nextOpenMs, next_close: nextCloseMs }): VenueHours | null =>
    typeof nextOpenMs === 'number' && typeof nextCloseMs === 'number' ? { isOpen, nextOpenMs, nextCloseMs } : null,
  );

/** Alpaca's answers, by what was asked. */
export const ALPACA_ANSWERS = {
  /** Price or quantity of an execution. */
  executed,
  order: orderSchema,
  openOrders: z.array(openOrderSchema),
  positions: z.array(positionSchema),
  account: accountSchema,
  fills: z.array(z.union([fillSchema, coinFeeSchema])),
  clock: clockSchema,
  hours: hoursSchema,
};

/** The error for an answer that is none of Alpaca's. */
export function garbled(what: string, detail: string): GarbledAnswer {
  return new GarbledAnswer(maskSecrets(`alpaca gave an answer that cannot be right (${what}): ${detail}`));
}

/** The text of an answer as `schema` describes it. @throws GarbledAnswer */
export function readAnswer<T>(schema: z.ZodType<T>, text: string, what: string): T {
  return readAnswerBy({ parse: parseStorable, garbled }, schema, text, what);
}
