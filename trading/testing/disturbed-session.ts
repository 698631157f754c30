import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import { SOURCE_ARGUMENTS } from '../../infra/testing/source-arguments.ts';
import type { ChildOptions, ToldCommand } from './live-session-child.ts';

const CHILD = join(import.meta.dirname, 'live-session-child.ts');

export interface Disturbance extends ChildOptions {
  /** Bars after which the process is killed with kill -9; never by default. */
  readonly killAfter?: number;
  /** Takes the lines that it wrote. */
  readonly lines?: string[];
  /** What happens once so many bars are done. */
  readonly during?: ReadonlyMap<number, () => Promise<unknown>>;
}

/**
 * Runs the live session of `live-session-child.ts` in a process of its own. Returns the last line that it wrote: where
 * it was left to end, the hash of its journal and its last equity.
 */
export async function runLiveSession(url: string, id: string, disturbance: Disturbance = {}): Promise<string> {
  const { killAfter = Infinity, during, lines, ...options } = disturbance;
  const child = spawn(process.execPath, [...SOURCE_ARGUMENTS, CHILD, url, id, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    lines?.push(line);
    await during?.get(Number(line))?.();
    if (Number(line) >= killAfter) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
}

/** Everything on record of a session, in order, and the commands that it has taken up. */
export async function recordOf(
  { pool }: { readonly pool: Pick<pg.Pool, 'query'> },
  id: string,
): Promise<{ record: Record<string, readonly object[]>; told: ToldCommand[] }> {
  const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await pool.query<Row>(sql, [id])).rows;
  const record = {
    bars: await rows(
      `SELECT close_time, symbol, open, close, decided_by, unfit, late_bars FROM signalbox.session_bars
       WHERE session_id = $1 ORDER BY 1, 2`,
    ),
    actions: await rows(
      `SELECT close_time, symbol, kind, value, effective_at FROM signalbox.session_actions
       WHERE session_id = $1 ORDER BY 1, 2`,
    ),
    orders: await rows(
      `SELECT sequence, time, symbol, side, quantity, state FROM signalbox.orders WHERE session_id = $1 ORDER BY 1`,
    ),
    fills: await rows(
      'SELECT record, sequence, time, quantity, price FROM signalbox.fills WHERE session_id = $1 ORDER BY 1',
    ),
    refusals: await rows('SELECT record, time, code FROM signalbox.refusals WHERE session_id = $1 ORDER BY 1'),
  };
  const told = await rows<ToldCommand>(
    `SELECT command, step::float8 AS step FROM signalbox.session_commands
     WHERE session_id = $1 AND step IS NOT NULL ORDER BY id`,
  );
  return { record, told };
}
