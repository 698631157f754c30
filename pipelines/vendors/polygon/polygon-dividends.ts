import { z } from 'zod';
import { isoDay } from '../../calendars/day.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import type { ActionPage, ActionsRequest } from '../vendor-actions.ts';
import { vendorDate } from '../vendor-date.ts';
import { requirePolygonActions } from './require-polygon-actions.ts';

/** `GET /v3/reference/dividends`; `results` is left out where there are none. */
const answer = z.object({
  status: z.literal('OK'),
  results: z
    .array(
      z.object({
        id: z.string().min(1),
        ticker: z.string(),
        ex_dividend_date: vendorDate,
        cash_amount: z.number().nonnegative(),
        currency: z.string().optional(),
        declaration_date: vendorDate.nullish(),
      }),
    )
    .optional(),
  next_url: z.string().optional(),
});

/** A page of cash dividends. Throws VendorError `malformed`, also for another ticker or range. */
export function parsePolygonDividends(json: unknown, asked: ActionsRequest, where: VendorEndpoint): ActionPage {
  const { results = [], next_url: next } = parseAnswer(answer, json, where);
  requirePolygonActions(
    results.map(({ ticker, ex_dividend_date }) => ({ ticker, exDay: ex_dividend_date })),
    asked,
    where,
  );
  const usable = results.filter(({ currency = 'USD' }) => currency === 'USD');
  const foreign = results.filter((one) => !usable.includes(one));
  return {
    actions: usable
      .filter(({ cash_amount }) => cash_amount > 0)
      .map(({ id, ex_dividend_date: exDay, cash_amount: value, declaration_date }) => {
        return { id, kind: 'dividend', exDay, value, announcedDay: declaration_date ?? null } as const;
      }),
    passedOver: foreign.map((one) => `the dividend of ${isoDay(one.ex_dividend_date)} is in ${one.currency}`),
    next,
  };
}
