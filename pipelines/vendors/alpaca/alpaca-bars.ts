import { z } from 'zod';
import type { BarPage } from '../pages/bar-page.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { VendorError } from '../vendor-error.ts';

const bar = z.object({
  t: z.iso.datetime({ offset: true }),
  o: z.number(),
  h: z.number(),
  l: z.number(),
  c: z.number(),
  v: z.number(),
});

/** `GET /v2/stocks/bars` and `/v1beta3/crypto/us/bars`: bars by symbol; null where a page holds none. */
const answer = z.object({
  bars: z.record(z.string(), z.array(bar)).nullable(),
  next_page_token: z.string().min(1).nullable().optional(),
});

/** A page of bars of `symbol`. Throws VendorError `malformed`, also where the page holds another symbol. */
export function parseAlpacaBars(json: unknown, symbol: string, where: VendorEndpoint): BarPage {
  const page = parseAnswer(answer, json, where);
  const other = Object.keys(page.bars ?? {}).find((key) => key !== symbol);
  if (other !== undefined) throw new VendorError({ ...where, kind: 'malformed', detail: `bars of ${other}` });
  const bars = (page.bars?.[symbol] ?? []).map(({ t, o, h, l, c, v }) => {
    return { timeMs: Date.parse(t), open: o, high: h, low: l, close: c, volume: v };
  });
  return { bars, next: page.next_page_token ?? undefined };
}
