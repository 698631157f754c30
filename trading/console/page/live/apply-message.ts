import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Account, Position, Positions, Session } from '../service/shapes.ts';
import { PAGE_ROWS } from '../service/queries.ts';
import type { LiveMessage } from './live-socket.ts';

interface Changes {
  readonly rows: readonly unknown[];
  readonly removed: readonly string[];
}

/** Rows of `before` with those that changed in their places, and new ones in front. */
export function withChanges<Row>(
  before: readonly Row[],
  { rows, removed }: Changes,
  keyOf: (row: Row) => string,
): Row[] {
  const changed = new Map((rows as readonly Row[]).map((row) => [keyOf(row), row]));
  const gone = new Set(removed);
  const kept = before.filter((row) => !gone.has(keyOf(row))).map((row) => changed.get(keyOf(row)) ?? row);
  const known = new Set(before.map(keyOf));
  return [...(rows as readonly Row[]).filter((row) => !known.has(keyOf(row))), ...kept];
}

/** Puts what the service tells where the screens look; lists in pages are asked for anew. */
export function applyMessage(queries: QueryClient, { type, channel, data }: LiveMessage): void {
  if (type !== 'update' && type !== 'snapshot') return;
  const at = channel.indexOf(':');
  const [word, session] = at < 0 ? [channel, undefined] : [channel.slice(0, at), channel.slice(at + 1)];
  const changes: Changes = type === 'snapshot' ? { rows: data as unknown[], removed: [] } : (data as Changes);
  if (word === 'sessions') {
    queries.setQueryData<readonly Session[]>(['sessions'], (before) =>
      before === undefined ? undefined : withChanges(before, changes, (row) => row.session),
    );
  } else if (word === 'account') {
    for (const key of [
      ['accounts', session],
      ['accounts', undefined],
    ]) {
      queries.setQueryData<readonly Account[]>(key, (before) =>
        before === undefined ? undefined : withChanges(before, changes, (row) => row.session),
      );
    }
  } else if (word === 'positions') {
    queries.setQueryData<Positions>(['positions', session], (before) =>
      before === undefined
        ? undefined
        : { ...before, positions: withChanges<Position>(before.positions, changes, (row) => row.symbol) },
    );
  } else if (type === 'update') intoLists(queries, { word, session }, changes.rows);
}

/** Lists whose newest rows are told, by what names a row in them. */
const LISTS: Readonly<Record<string, string>> = { orders: 'sequence', fills: 'record', signals: 'record' };

type Row = Readonly<Record<string, unknown>>;
interface Page {
  readonly next: string | null;
}
type Pages = InfiniteData<Page>;
type Asked = Readonly<Record<string, unknown>>;

/**
 * Rows that changed stand in the first page at once where they are all that it shows; else it is asked for anew.
 * Whoever reads far down a list is not interrupted.
 */
function intoLists(
  queries: QueryClient,
  { word, session }: { readonly word: string; readonly session: string | undefined },
  rows: readonly unknown[],
): void {
  const lists = queries.getQueryCache().findAll({ queryKey: [`/api/v1/${word}`] });
  for (const { queryKey, state } of lists) {
    const asked = (queryKey[1] ?? {}) as Asked;
    const isOfSession = session === undefined || asked['session'] === session;
    const { pages } = (state.data as Pages | undefined) ?? { pages: [] };
    if (!isOfSession || pages.length !== 1) continue;
    const key = LISTS[word];
    const isPlain = Object.entries(asked).every(([name, value]) => value === undefined || PLAIN.includes(name));
    if (key === undefined || !isPlain) void queries.invalidateQueries({ queryKey, exact: true });
    else {
      const told = (rows as readonly Row[]).filter(({ symbol }) => (asked['symbol'] ?? symbol) === symbol);
      queries.setQueryData<Pages>(queryKey, (before) =>
        before === undefined ? undefined : { ...before, pages: [withNewest(before.pages[0]!, { word, key }, told)] },
      );
    }
  }
}

/** What a list may be asked by for its rows to be told from others here. */
const PLAIN: readonly string[] = ['session', 'symbol'];

function withNewest(page: Page, { word, key }: { word: string; key: string }, told: readonly Row[]): Page {
  const before = (page as Page & Readonly<Record<string, readonly Row[]>>)[word]!;
  const all = withChanges(before, { rows: told, removed: [] }, (row) => String(row[key]));
  const rows = all.sort((a, b) => Number(b[key]) - Number(a[key])).slice(0, PAGE_ROWS);
  return { ...page, [word]: rows, next: rows.length < all.length ? String(rows.at(-1)![key]) : page.next };
}
