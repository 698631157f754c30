import { z } from 'zod';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { VendorError } from '../vendor-error.ts';
import type { Quote } from '../vendor.ts';

const quote = z.object({
  t: z.iso.datetime({ offset: true }),
  bp: z.number().nonnegative(),
  bs: z.number().nonnegative(),
  ap: z.number().nonnegative(),
  as: z.number().nonnegative(),
});

/** `GET /v2/stocks/quotes/latest` and `/v1beta3/crypto/us/latest/quotes`: quotes by symbol. */
const answer = z.object({ quotes: z.record(z.string(), quote) });

/** The quote of `symbol`. Throws VendorError: `not-found` where the answer does not hold it. */
export function parseAlpacaQuote(json: unknown, symbol: string, where: VendorEndpoint): Quote {
  const found = parseAnswer(answer, json, where).quotes[symbol];
  if (found === undefined) throw new VendorError({ ...where, kind: 'not-found', detail: `no quote of ${symbol}` });
  const { t, bp, bs, ap, as } = found;
  return { symbol, bid: bp, ask: ap, bidSize: bs, askSize: as, timeMs: Date.parse(t) };
}
