import { z } from 'zod';
import type { BarPage, VendorBar } from '../pages/bar-page.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';

const price = z.string().regex(/^\d+(\.\d+)?$/);

/** One kline: open time, open, high, low, close, volume, close time, and turnover figures that are passed over. */
const kline = z.tuple([z.int(), price, price, price, price, price, z.int()], z.unknown());

/** `GET /api/v3/klines`. */
const answer = z.array(kline);

/** The bars of an answer. Throws VendorError `malformed`. */
export function parseBinanceBars(json: unknown, where: VendorEndpoint): VendorBar[] {
  return parseAnswer(answer, json, where).map(([timeMs, open, high, low, close, volume]) => ({
    timeMs,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
  }));
}

/**
 * Binance has no cursor: the next page begins after the last bar of this one, until the end of the range or a page
 * without bars. A page that holds fewer bars than it may is no sign of the end.
 */
export function binancePage(bars: readonly VendorBar[], lengthMs: number, toMs: number): BarPage {
  const last = bars.reduce((latest, { timeMs }) => Math.max(latest, timeMs), -Infinity);
  const nextMs = last + lengthMs;
  return { bars, next: nextMs < toMs && bars.length > 0 ? String(nextMs) : undefined };
}
