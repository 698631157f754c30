import { z } from 'zod';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { VendorError } from '../vendor-error.ts';
import type { Quote } from '../vendor.ts';

/** `GET /v2/last/nbbo/T`: upper case is the ask, lower case the bid; `t` is in nanoseconds. */
const answer = z.object({
  results: z.object({
    T: z.string(),
    P: z.number().nonnegative(),
    S: z.number().nonnegative(),
    p: z.number().nonnegative(),
    s: z.number().nonnegative(),
    t: z.number().positive(),
  }),
});

/** The quote in an answer. Throws VendorError `malformed`, also for another ticker. */
export function parsePolygonQuote(json: unknown, symbol: string, where: VendorEndpoint): Quote {
  const { T, P, S, p, s, t } = parseAnswer(answer, json, where).results;
  if (T !== symbol) throw new VendorError({ ...where, kind: 'malformed', detail: `a quote of ${T}` });
  return { symbol, bid: p, ask: P, bidSize: s, askSize: S, timeMs: Math.floor(t / 1e6) };
}
