import { DAY_MS } from '../../../features/timeframe.ts';
import { collectActions } from '../pages/collect-actions.ts';
import type { ActionsRequest, VendorActions } from '../vendor-actions.ts';
import type { VendorCall, VendorCallOptions } from '../vendor.ts';
import { ALPACA_ACTION_TYPES, parseAlpacaActions } from './alpaca-actions.ts';
import type { AlpacaClient } from './alpaca-client.ts';

const PAGE_ACTIONS = 1000;
/**
 * Alpaca's range is about the day of processing: a split's is its ex-date, a dividend's the day it is paid, weeks and
 * at times months after. What is processed later is asked for too, and sorted out by ex-date.
 */
const PROCESSED_AFTER_DAYS = 400;

/** Splits and dividends of a stock. Throws VendorError. */
export async function fetchAlpacaActions(
  client: AlpacaClient,
  request: ActionsRequest,
  { call, options }: { call: VendorCall; options: VendorCallOptions },
): Promise<VendorActions> {
  const { symbol, fromDay } = request;
  const endpoint = `splits and dividends of ${symbol}`;
  const where = { vendor: 'alpaca', endpoint } as const;
  const asked = { symbol, fromDay, toDay: request.toDay + PROCESSED_AFTER_DAYS };
  const fetchPage = (cursor: string | undefined, signal: AbortSignal): Promise<unknown> =>
    client.read(where, () =>
      client.actions.corporateActionsRaw(
        {
          symbols: symbol,
          types: ALPACA_ACTION_TYPES,
          start: new Date(asked.fromDay * DAY_MS),
          end: new Date(asked.toDay * DAY_MS),
          limit: PAGE_ACTIONS,
          sort: 'asc',
          ...(cursor === undefined ? {} : { pageToken: cursor }),
        },
        { signal },
      ),
    );
  return collectActions(
    (cursor) =>
      call(endpoint, async (signal) => parseAlpacaActions(await fetchPage(cursor, signal), asked, where), options),
    request,
    where,
  );
}
