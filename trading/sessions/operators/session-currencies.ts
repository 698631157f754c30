import type pg from 'pg';
import { currenciesOfSymbols } from '../../../pipelines/bars/bar-series-store.ts';
import { readSnapshots } from '../monitor/account-store.ts';
import type { ListedSession } from '../session-store.ts';

/**
 * What the accounts of sessions are kept in, by session: what their venue says, or else what all of their symbols are
 * quoted in. Left out where neither is on record, or symbols are quoted in several: nobody may add such an account to
 * another.
 */
export async function currenciesOf(
  client: Pick<pg.ClientBase, 'query'>,
  sessions: readonly Pick<ListedSession, 'id' | 'symbols'>[],
): Promise<ReadonlyMap<string, string>> {
  const snapshots = await readSnapshots(
    client,
    sessions.map(({ id }) => id),
  );
  const quoted = await currenciesOfSymbols(client, [...new Set(sessions.flatMap(({ symbols }) => symbols))]);
  const found = new Map<string, string>();
  for (const { id, symbols } of sessions) {
    const told = snapshots.get(id)?.venue?.account.currency;
    const own = new Set(symbols.map((symbol) => quoted.get(symbol) ?? null));
    const [only = null] = own;
    const currency = told ?? (own.size === 1 ? only : null);
    if (currency !== null) found.set(id, currency);
  }
  return found;
}
