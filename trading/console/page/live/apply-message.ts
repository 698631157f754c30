import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type { Account, Position, Positions, Session } from '../service/shapes.ts';
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
  } else if (type === 'update') askAnew(queries, `/api/v1/${word}`, session);
}

/** Whoever reads far down a list is not interrupted. */
function askAnew(queries: QueryClient, path: string, session: string | undefined): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey: [first, asked], state }) => {
      if (first !== path) return false;
      const isOfSession = session === undefined || (asked as { session?: string }).session === session;
      return isOfSession && ((state.data as InfiniteData<unknown> | undefined)?.pages.length ?? 0) < 2;
    },
  });
}
