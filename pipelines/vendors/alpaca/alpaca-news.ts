import { z } from 'zod';
import { believedPage } from '../pages/believed-page.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';
import { parseAnswer } from '../http/parse-answer.ts';
import type { NewsArticle, NewsPage, NewsRequest } from '../vendor-news.ts';
import { VendorError } from '../vendor-error.ts';
import type { VendorCall, VendorCallOptions } from '../vendor.ts';
import type { AlpacaClient } from './alpaca-client.ts';

/** The most that Alpaca gives at once. */
const PAGE_ARTICLES = 50;
/** Fifty years of five articles a day. */
const PAGES_MAX = 2_000;

const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** `GET /v1beta1/news`. */
const answer = z.object({
  news: z.array(
    z.object({
      id: z.int().positive(),
      headline: z.string(),
      created_at: moment,
      updated_at: moment,
      symbols: z.array(z.string()),
    }),
  ),
  next_page_token: z.string().min(1).nullable().optional(),
});

/** Alpaca names a pair in its news without the slash. */
const newsSymbol = (symbol: string): string => symbol.replace('/', '');

/** A page of news. Throws VendorError `malformed`, also for news of another symbol or range. */
function parseAlpacaNews(json: unknown, asked: NewsRequest, where: VendorEndpoint): NewsPage {
  const { news, next_page_token: next } = parseAnswer(answer, json, where);
  const malformed = (detail: string): VendorError => new VendorError({ ...where, kind: 'malformed', detail });
  const articles = news.map((one): NewsArticle => {
    const { id, headline, symbols, created_at: createdMs, updated_at: updatedMs } = one;
    if (!symbols.includes(newsSymbol(asked.symbol))) throw malformed(`news ${id} is about ${symbols.join(', ')}`);
    if (updatedMs < asked.fromMs || updatedMs >= asked.toMs || updatedMs < createdMs) {
      throw malformed(`news ${id} of ${new Date(updatedMs).toISOString()}, outside the range asked for`);
    }
    return { id: String(id), headline, createdMs, updatedMs };
  });
  if (articles.some(({ updatedMs }, at) => updatedMs < (articles[at - 1]?.updatedMs ?? -Infinity))) {
    throw malformed('news that are not in the order of their updates');
  }
  return { articles, next: next ?? undefined };
}

/**
 * News of a symbol, page by page, ascending by their last update. Pages that go back or round in circles are refused:
 * one that is missing would go unnoticed. An empty page is believed when it is given twice. Throws VendorError.
 */
export async function* fetchAlpacaNews(
  client: AlpacaClient,
  request: NewsRequest,
  { call, options }: { call: VendorCall; options: VendorCallOptions },
): AsyncGenerator<NewsPage> {
  const endpoint = `news of ${request.symbol}`;
  const where = { vendor: 'alpaca', endpoint } as const;
  const fetchPage = (cursor: string | undefined, signal: AbortSignal): Promise<unknown> =>
    client.read(where, () =>
      client.news.newsRaw(
        {
          symbols: newsSymbol(request.symbol),
          start: new Date(request.fromMs),
          // Inclusive at Alpaca.
          end: new Date(request.toMs - 1),
          limit: PAGE_ARTICLES,
          sort: 'asc',
          ...(cursor === undefined ? {} : { pageToken: cursor }),
        },
        { signal },
      ),
    );
  const cursors = new Set<string>();
  const seen = new Set<string>();
  let newestMs = -Infinity;
  let cursor: string | undefined;
  do {
    const ask = (): Promise<NewsPage> =>
      call(endpoint, async (signal) => parseAlpacaNews(await fetchPage(cursor, signal), request, where), options);
    const page = await believedPage(ask, { where, doubtful: isEmpty, same: (a, b) => a.next === b.next });
    const repeated = page.articles.find(({ id, updatedMs }) => seen.has(id) || updatedMs < newestMs);
    if (repeated !== undefined || (page.next !== undefined && (cursors.has(page.next) || cursors.size >= PAGES_MAX))) {
      throw new VendorError({ ...where, kind: 'malformed', detail: `a page was given twice after ${cursors.size}` });
    }
    for (const { id, updatedMs } of page.articles) {
      seen.add(id);
      newestMs = updatedMs;
    }
    yield page;
    cursor = page.next;
    if (cursor !== undefined) cursors.add(cursor);
  } while (cursor !== undefined);
}

const isEmpty = ({ articles }: NewsPage): boolean => articles.length === 0;
