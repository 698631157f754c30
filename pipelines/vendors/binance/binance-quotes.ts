import { z } from 'zod';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { VendorError } from '../vendor-error.ts';
import type { Quote } from '../vendor.ts';

const decimal = z.string().regex(/^\d+(\.\d+)?$/);

/** `GET /api/v3/ticker/bookTicker`; it does not say when. */
const answer = z.object({ symbol: z.string(), bidPrice: decimal, bidQty: decimal, askPrice: decimal, askQty: decimal });

export interface BinanceQuoteOptions {
  /** As the user wrote it, and as Binance does. */
  readonly symbol: string;
  readonly pair: string;
  readonly receivedMs: number;
}

/** The quote in an answer. Throws VendorError `malformed`, also for another pair. */
export function parseBinanceQuote(json: unknown, options: BinanceQuoteOptions, where: VendorEndpoint): Quote {
  const quote = parseAnswer(answer, json, where);
  if (quote.symbol !== options.pair) {
    throw new VendorError({ ...where, kind: 'malformed', detail: `a quote of ${quote.symbol}` });
  }
  return {
    symbol: options.symbol,
    bid: Number(quote.bidPrice),
    ask: Number(quote.askPrice),
    bidSize: Number(quote.bidQty),
    askSize: Number(quote.askQty),
    timeMs: options.receivedMs,
  };
}
