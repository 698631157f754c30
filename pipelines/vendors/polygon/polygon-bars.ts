import { z } from 'zod';
import type { BarPage } from '../pages/bar-page.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import { VendorError } from '../vendor-error.ts';

const bar = z.object({
  t: z.int(),
  o: z.number(),
  h: z.number(),
  l: z.number(),
  c: z.number(),
  v: z.number(),
});

/** `GET /v2/aggs/ticker/T/range/N/SPAN/FROM/TO`; `results` is left out where there are none. */
const answer = z.object({
  ticker: z.string(),
  status: z.enum(['OK', 'DELAYED']),
  adjusted: z.literal(false),
  results: z.array(bar).optional(),
  next_url: z.string().optional(),
});

/**
 * A page of bars; its `next` is the address of the next page. Throws VendorError `malformed`, also for another ticker
 * or adjusted prices.
 */
export function parsePolygonBars(json: unknown, ticker: string, where: VendorEndpoint): BarPage {
  const page = parseAnswer(answer, json, where);
  if (page.ticker !== ticker) throw new VendorError({ ...where, kind: 'malformed', detail: `bars of ${page.ticker}` });
  const bars = (page.results ?? []).map(({ t, o, h, l, c, v }) => {
    return { timeMs: t, open: o, high: h, low: l, close: c, volume: v };
  });
  return { bars, next: page.next_url };
}

/** The parts of a page's address that lead on: Polygon moves the start of the range and adds a cursor. */
export interface PolygonCursor {
  readonly from: string;
  readonly to: string;
  readonly cursor: string;
}

const NEXT = /^\/v2\/aggs\/ticker\/[^/]+\/range\/[^/]+\/[^/]+\/([^/]+)\/([^/]+)$/;

/**
 * What an address of a next page asks for. The address itself is not followed, so that the key goes to the configured
 * server only, whatever an answer says.
 */
export function parsePolygonNext(address: string, where: VendorEndpoint): PolygonCursor {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const match = NEXT.exec(url?.pathname ?? '');
  const cursor = url?.searchParams.get('cursor');
  if (match === null || cursor === null || cursor === undefined || cursor === '') {
    throw new VendorError({ ...where, kind: 'malformed', detail: 'the address of the next page is not understood' });
  }
  return { from: match[1]!, to: match[2]!, cursor };
}
