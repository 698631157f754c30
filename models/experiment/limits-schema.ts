import { z } from 'zod';

const positive = z.number().positive();
const share = positive.max(1);
const count = z.int().positive();
/** Absent and `null` both mean that the limit is off. */
const off = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional();

/** Neither absent nor `null`. */
export function isSet<Value>(value: Value): value is NonNullable<Value> {
  return value !== null && value !== undefined;
}

/** What one symbol may come to, beside what holds for all. */
const symbolLimits = z.strictObject({
  /** 0: it is not to be traded. */
  positionFraction: off(z.number().min(0)),
  positionNotional: off(positive),
  orderNotional: off(positive),
  openOrders: off(z.int().min(0)),
});

/** Symbols that are limited together, whatever their sector. */
const group = z
  .strictObject({
    symbols: z.array(z.string().min(1)).nonempty(),
    exposureFraction: off(positive),
    exposureNotional: off(positive),
  })
  .refine((one) => isSet(one.exposureFraction) || isSet(one.exposureNotional), {
    message: 'a group needs exposureFraction, exposureNotional, or both',
  });

/** A loss that past moves of the bars would have brought to what is held, in `fraction` of equity or in `amount`. */
const tail = z
  .strictObject({
    /** Share of the moves that were less bad. */
    level: z.number().min(0.5).lt(1).default(0.95),
    /** Past bars whose moves are looked at. */
    bars: count.min(2).max(10_000).default(250),
    fraction: off(positive),
    amount: off(positive),
  })
  .refine((one) => isSet(one.fraction) || isSet(one.amount), { message: 'it needs fraction, amount, or both' })
  .refine(({ level, bars }) => bars * (1 - level) >= 1 - 1e-9, {
    message: 'no bar lies beyond that level: it takes at least 1 / (1 - level) bars',
    path: ['bars'],
  });

/**
 * Limits beside those of the named sets: all are off unless they are named. Fractions are of equity, amounts in the
 * currency of the account.
 */
export const furtherLimits = {
  /** Most money in one symbol, in one order, in all positions together, and in one sector. */
  positionNotional: off(positive),
  orderNotional: off(positive),
  grossExposureNotional: off(positive),
  sectorExposureNotional: off(positive),
  /** Long positions less short ones, either way. */
  netExposureFraction: off(positive),
  netExposureNotional: off(positive),
  /** Losses that stop openings, in money: whichever of fraction and amount is reached first. */
  dailyLossAmount: off(positive),
  drawdownAmount: off(positive),
  /** The largest `positions` together. */
  concentration: off(z.strictObject({ positions: count, fraction: positive })),
  symbols: off(z.record(z.string().min(1), symbolLimits)),
  groups: off(z.record(z.string().min(1), group)),
  /** Positions whose returns of the last `bars` went together with those of the symbol by more than `above`. */
  correlation: off(
    z.strictObject({
      above: z.number().min(0).lt(1).default(0.7),
      bars: count.min(3).max(10_000).default(60),
      exposureFraction: positive,
    }),
  ),
  valueAtRisk: off(tail),
  expectedShortfall: off(tail),
  /** Orders in any `seconds` of event time, beside `ordersPerMinute`. */
  orderRate: off(z.strictObject({ orders: count.max(100_000), seconds: positive })),
  /** Orders that the venue rejects one after another: from this many on the session is halted until consent. */
  rejectionsInARow: off(count),
  rejectionsPerMinute: off(count),
  /**
   * What stops a session as `emergency-stop` does: a fall from the peak, equity of less than `equityFraction` of what
   * is held, more rejections than that within a minute. `flatten`: all is closed then.
   */
  emergencyStop: off(
    z.strictObject({
      drawdownFraction: off(share),
      drawdownAmount: off(positive),
      equityFraction: off(share),
      rejectionsPerMinute: off(count),
      flatten: z.boolean().default(false),
    }),
  ),
  /** What the table of degradation measures by: see `trading/risk/degradation/degradation-table.ts`. */
  degradation: off(
    z.strictObject({
      lateShare: share.default(0.5),
      latencyMsMax: positive.default(100),
      latencyOrdersPerMinute: count.max(10_000).default(6),
      ordersFailingMax: count.default(3),
      healthSeconds: z.number().min(2).default(300),
    }),
  ),
  /** How far from the last price the price of an order that opens may lie, as a share of it. */
  priceCollarFraction: off(share),
  /** Orders that may work at a time, in all and of one symbol; those that protect positions count. */
  openOrders: off(count),
  openOrdersPerSymbol: off(count),
  /** Most that all positions come to, in multiples of equity. */
  leverage: off(positive),
  /**
   * Credit: equity is at least `initial` of what is held after an opening, and below `maintenance` of it positions are
   * reduced to `initial` again. Without it nothing is bought on credit.
   */
  margin: off(
    z
      .strictObject({ initial: share, maintenance: share })
      .refine(({ initial, maintenance }) => maintenance <= initial, {
        message: 'maintenance must not exceed initial',
        path: ['maintenance'],
      }),
  ),
};

/** What equity may hold, in multiples of itself: 1 without credit. */
export function buyingPower({ margin }: { readonly margin?: { readonly initial: number } | null | undefined }): number {
  return !isSet(margin) ? 1 : 1 / margin.initial;
}
