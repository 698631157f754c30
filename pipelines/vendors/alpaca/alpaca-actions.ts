import { z } from 'zod';
import { isoDay, type Day } from '../../calendars/day.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import type { ActionPage, VendorAction } from '../vendor-actions.ts';
import { vendorDate } from '../vendor-date.ts';
import { VendorError } from '../vendor-error.ts';

const base = { id: z.string().min(1), symbol: z.string(), ex_date: vendorDate, process_date: vendorDate };
const split = z.object({ ...base, new_rate: z.number().positive(), old_rate: z.number().positive() });
const shares = z.object({ ...base, rate: z.number().positive() });
/** Empty where the currency is the dollar or not known. */
const cash = z.object({ ...base, rate: z.number().nonnegative(), currency: z.string().optional() });

/** `GET /v1/corporate-actions`: by type, each left out where there are none; other types are not asked for. */
const answer = z.object({
  corporate_actions: z.object({
    forward_splits: z.array(split).nullish(),
    reverse_splits: z.array(split).nullish(),
    stock_dividends: z.array(shares).nullish(),
    cash_dividends: z.array(cash).nullish(),
  }),
  next_page_token: z.string().min(1).nullable().optional(),
});

/** The types that are read here, as Alpaca names them in a request. */
export const ALPACA_ACTION_TYPES = 'forward_split,reverse_split,stock_dividend,cash_dividend';

export interface AlpacaActionsAsked {
  readonly symbol: string;
  /** Days of processing, which is what Alpaca's range is about: both included. */
  readonly fromDay: Day;
  readonly toDay: Day;
}

/**
 * A page of splits and dividends. A dividend in shares is a split: 5 % are 1.05 new shares per old one. Alpaca does not
 * say when anything was announced. Throws VendorError `malformed`, also for another symbol or range.
 */
export function parseAlpacaActions(json: unknown, asked: AlpacaActionsAsked, where: VendorEndpoint): ActionPage {
  const { corporate_actions: found, next_page_token: next } = parseAnswer(answer, json, where);
  const splits = [...(found.forward_splits ?? []), ...(found.reverse_splits ?? [])];
  const dividends = found.cash_dividends ?? [];
  const all = [...splits, ...(found.stock_dividends ?? []), ...dividends];
  const other = all.find(({ symbol }) => symbol !== asked.symbol);
  if (other !== undefined) throw new VendorError({ ...where, kind: 'malformed', detail: `actions of ${other.symbol}` });
  const outside = all.find((one) => one.process_date < asked.fromDay || one.process_date > asked.toDay);
  if (outside !== undefined) {
    const detail = `an action processed on ${isoDay(outside.process_date)}, outside the range asked for`;
    throw new VendorError({ ...where, kind: 'malformed', detail });
  }
  const as = (kind: VendorAction['kind'], one: (typeof all)[number], value: number): VendorAction => {
    return { id: one.id, kind, exDay: one.ex_date, value, announcedDay: null };
  };
  const usable = dividends.filter(({ currency = '' }) => currency === '' || currency === 'USD');
  const foreign = dividends.filter((one) => !usable.includes(one));
  return {
    actions: [
      ...splits.map((one) => as('split', one, one.new_rate / one.old_rate)),
      ...(found.stock_dividends ?? []).map((one) => as('split', one, 1 + one.rate)),
      ...usable.filter(({ rate }) => rate > 0).map((one) => as('dividend', one, one.rate)),
    ],
    passedOver: foreign.map((one) => `the dividend of ${isoDay(one.ex_date)} is in ${one.currency}`),
    next: next ?? undefined,
  };
}
