import { sliceBarColumns } from '../../../features/bar.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { runPaper } from '../../../trading/sessions/paper-command.ts';
import { deleteSession, listSessions } from '../../../trading/sessions/session-store.ts';
import { minuteBars } from '../peer-data.ts';
import { alternating, benchReplay } from '../session/session-bench.ts';

const CAPITAL = 1e6;
/** Sessions that are made at a time. */
const AT_A_TIME = 4;

/** A session that trades at `speed` times the pace of its minutes until `signal`. */
export async function tradeOn(
  database: Database,
  id: string,
  { speed, signal, bars = 100_000 }: { readonly speed: string; readonly signal: AbortSignal; readonly bars?: number },
): Promise<void> {
  // A context for tests: no part of what is installed for use.
  const { databaseContext } = await import('../../../infra/testing/command-context.ts');
  await deleteSession(database.pool, id);
  const replay = benchReplay(sliceBarColumns(minuteBars(), 0, bars), { id, strategy: alternating, capital: CAPITAL });
  await runPaper(databaseContext(database, { signal }), { speed }, () => Promise.resolve(replay)).catch(
    (error: Error) => {
      if (!signal.aborted) throw error;
    },
  );
}

/**
 * Sessions that have traded, of an order and a fill a bar each: those that are there already are not made again.
 * Returns how many there are.
 */
export async function manySessions(
  database: Database,
  { sessions, orders, note }: { readonly sessions: number; readonly orders: number; note: (text: string) => void },
): Promise<number> {
  const never = new AbortController();
  const known = new Set(
    (await listSessions(database.pool)).filter(({ state }) => state === 'ended').map(({ id }) => id),
  );
  const names = Array.from({ length: sessions }, (_, at) => `bench-${String(at).padStart(3, '0')}`);
  const missing = names.filter((id) => !known.has(id));
  for (let at = 0; at < missing.length; at += AT_A_TIME) {
    const some = missing.slice(at, at + AT_A_TIME);
    const bars = orders / sessions + 1;
    await Promise.all(some.map((id) => tradeOn(database, id, { speed: 'max', signal: never.signal, bars })));
    if (at % 40 === 0) note(`${at} of ${missing.length} sessions made`);
  }
  return names.length;
}
