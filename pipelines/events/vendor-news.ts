import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { joinTransaction } from '../../infra/postgres/joined-transaction.ts';
import { openDataManager } from '../vendors/asking/open-data-manager.ts';
import { requireVendor, systemVendorAccess } from '../vendors/vendor-access.ts';
import type { NewsArticle } from '../vendors/vendor-news.ts';
import type { Vendor } from '../vendors/vendor.ts';
import { TEXT_MAX, type EventRow } from './event-row.ts';
import { askedRange, recordAsked, storeEvents, type StoredEvents } from './event-store.ts';
import { withSentiment } from './sentiment.ts';

/** The source of Alpaca's news, as `stored:` names it in an experiment. */
export const ALPACA_NEWS = 'alpaca-news';
/** Alpaca's news begin here. */
const NEWS_FROM_MS = Date.UTC(2015, 0, 1);
/** Asked again each time: a vendor may list an article some time after its update. */
const OVERLAP_MS = 60 * 60_000;

export interface NewsAsked {
  readonly symbols: readonly string[];
  /** All there is by default. */
  readonly fromMs?: number | undefined;
  /** Whether headlines are given a sentiment. */
  readonly sentiment: boolean;
}

/** What an ingestion of news has done. */
export interface IngestedNews extends StoredEvents {
  readonly source: string;
  readonly requests: number;
  /** Rows that were offered to the store, sentiments among them. */
  readonly read: number;
}

/** Puts Alpaca's news on record, from where the last ingestion of each symbol stopped. Throws VendorError. */
export async function ingestVendorNews(context: CommandContext, asked: NewsAsked): Promise<IngestedNews> {
  const access = systemVendorAccess(context.config.vendors);
  requireVendor('alpaca', access.settings);
  const vendor = openDataManager(access).vendor('alpaca');
  const database = await context.database();
  const stage = context.progress.stage(`ingest ${ALPACA_NEWS}`, asked.symbols.length);
  const done = await ingestNews(database, vendor, {
    ...asked,
    nowMs: context.clock(),
    signal: context.signal,
    onSymbol: () => stage.advance(),
  });
  stage.done(`${done.stored} rows`);
  return done;
}

/**
 * The same from a vendor at hand. Each page is stored before the next is asked for, and how far those before it reach:
 * one that is stopped goes on from there.
 */
export async function ingestNews(
  database: Database,
  vendor: Pick<Vendor, 'name' | 'news' | 'instrumentOf'>,
  asked: NewsAsked & { readonly nowMs: number; readonly signal?: AbortSignal; readonly onSymbol?: () => void },
): Promise<IngestedNews> {
  const total = { source: ALPACA_NEWS, requests: 0, read: 0, stored: 0, corrections: 0, known: 0, late: 0 };
  for (const symbol of asked.symbols) {
    if (vendor.news === undefined || vendor.instrumentOf(symbol) === undefined) {
      throw new InputError(`${vendor.name} has no news of ${JSON.stringify(symbol)}.`, 'Write AAPL or BTC/USD.');
    }
    const before = await askedRange(database.pool, ALPACA_NEWS, symbol);
    const wantedMs = asked.fromMs ?? before?.fromMs ?? NEWS_FROM_MS;
    const goesOn = before !== null && before.fromMs <= wantedMs;
    const fromMs = goesOn ? Math.max(wantedMs, before.toMs - OVERLAP_MS) : wantedMs;
    if (fromMs >= asked.nowMs) continue;
    // A page counts once the next one goes on from it: one that stands in another's place shows by then.
    let reachedMs = fromMs;
    let coveredMs = fromMs;
    for await (const { articles, next } of vendor.news(
      { symbol, fromMs, toMs: asked.nowMs },
      { signal: asked.signal },
    )) {
      const news = articles.map((article) => rowOf(symbol, article));
      const rows = asked.sentiment ? withSentiment(news) : news;
      coveredMs = next === undefined ? asked.nowMs : reachedMs;
      reachedMs = articles.at(-1)?.updatedMs ?? reachedMs;
      const done = await database.transaction(async (client) => {
        const stored = await storeEvents(joinTransaction(client), rows);
        const reach = { source: ALPACA_NEWS, symbol, fromMs, toMs: coveredMs };
        // Of a range further back only the whole counts: a hole before what is there would go unnoticed.
        if (coveredMs > fromMs && (goesOn || before === null || next === undefined)) await recordAsked(client, reach);
        return stored;
      });
      total.requests += 1;
      total.read += rows.length;
      for (const count of ['stored', 'corrections', 'known', 'late'] as const) total[count] += done[count];
    }
    asked.onSymbol?.();
  }
  return total;
}

/** An article counts from when it read as it does; its revision is how many seconds after its first form that was. */
function rowOf(symbol: string, { id, headline, createdMs, updatedMs }: NewsArticle): EventRow {
  return {
    ...{ source: ALPACA_NEWS, sourceId: id, symbol, kind: 'news', field: '', value: NaN, expected: NaN },
    revision: Math.ceil((updatedMs - createdMs) / 1000),
    text: headline.slice(0, TEXT_MAX - 1),
    ...{ eventMs: createdMs, knownMs: updatedMs, knownBy: 'source', method: null },
  };
}
