import {
  ListDividendsOrderEnum,
  ListDividendsSortEnum,
  ListStockSplitsOrderEnum,
  ListStockSplitsSortEnum,
  type DefaultApi,
} from '@polygon.io/client-js';
import { isoDay } from '../../calendars/day.ts';
import { collectActions } from '../pages/collect-actions.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import type { ActionPage, ActionsRequest, VendorActions } from '../vendor-actions.ts';
import { VendorError } from '../vendor-error.ts';
import type { VendorCall, VendorCallOptions } from '../vendor.ts';
import { polygonRequestOptions, type PolygonClient, type PolygonRequestOptions } from './polygon-client.ts';
import { parsePolygonDividends } from './polygon-dividends.ts';
import { parsePolygonSplits } from './polygon-splits.ts';

const PAGE_ACTIONS = 1000;

type Arguments<Name extends 'listStockSplits' | 'listDividends'> = Partial<Parameters<DefaultApi[Name]>>;

/** The SDK takes each parameter by its place; those between are left out. A cursor carries the question. */
function askSplits(api: DefaultApi, request: ActionsRequest, options: PolygonRequestOptions): Promise<unknown> {
  const last: Arguments<'listStockSplits'> = [];
  last[14] = options;
  if (options.params !== undefined) return api.listStockSplits(...last);
  [last[0], last[7], last[9]] = [request.symbol, isoDay(request.fromDay), isoDay(request.toDay)];
  [last[11], last[12], last[13]] = [ListStockSplitsOrderEnum.Asc, PAGE_ACTIONS, ListStockSplitsSortEnum.ExecutionDate];
  return api.listStockSplits(...last);
}

/** Like `askSplits`. */
function askDividends(api: DefaultApi, request: ActionsRequest, options: PolygonRequestOptions): Promise<unknown> {
  const last: Arguments<'listDividends'> = [];
  last[35] = options;
  if (options.params !== undefined) return api.listDividends(...last);
  [last[0], last[12], last[14]] = [request.symbol, isoDay(request.fromDay), isoDay(request.toDay)];
  [last[32], last[33], last[34]] = [ListDividendsOrderEnum.Asc, PAGE_ACTIONS, ListDividendsSortEnum.ExDividendDate];
  return api.listDividends(...last);
}

const KINDS = [
  { name: 'splits', path: '/v3/reference/splits', ask: askSplits, parse: parsePolygonSplits },
  { name: 'dividends', path: '/v3/reference/dividends', ask: askDividends, parse: parsePolygonDividends },
] as const;

/**
 * The cursor in the address of a next page, which is not followed itself: the key goes to the configured server only.
 */
function cursorIn(address: string, path: string, where: VendorEndpoint): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const cursor = url?.pathname === path ? url.searchParams.get('cursor') : null;
  if (cursor !== null && cursor !== '') return cursor;
  throw new VendorError({ ...where, kind: 'malformed', detail: 'the address of the next page is not understood' });
}

/** Splits and dividends of a stock. Throws VendorError. */
export async function fetchPolygonActions(
  client: PolygonClient,
  request: ActionsRequest,
  { call, options }: { call: VendorCall; options: VendorCallOptions },
): Promise<VendorActions> {
  const found: VendorActions[] = [];
  for (const { name, path, ask, parse } of KINDS) {
    const endpoint = `${name} of ${request.symbol}`;
    const where = { vendor: 'polygon', endpoint } as const;
    const fetchPage = (next: string | undefined): Promise<ActionPage> =>
      call(
        endpoint,
        async (signal) => {
          const cursor = next === undefined ? undefined : cursorIn(next, path, where);
          const json = await client.read(where, (api) => ask(api, request, polygonRequestOptions(signal, cursor)));
          return parse(json, request, where);
        },
        options,
      );
    found.push(await collectActions(fetchPage, request, where));
  }
  const actions = found.flatMap((one) => one.actions).sort((a, b) => a.exDay - b.exDay);
  return { actions, passedOver: found.flatMap(({ passedOver }) => passedOver) };
}
