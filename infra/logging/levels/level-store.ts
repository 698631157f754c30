import type pg from 'pg';
import type { LogLevel } from '../log-levels.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A level that was set while processes run. */
export interface SetLevel {
  readonly module: string;
  /** `*`, a role, or `session:ID`. */
  readonly process: string;
  readonly level: LogLevel;
  readonly actor: string;
  readonly setAt: Date;
}

/** Sets the level of a module in the processes of that name, or (null) leaves it to their settings again. */
export async function writeLevel(
  client: Queryable,
  { module, process, level, actor }: Omit<SetLevel, 'level' | 'setAt'> & { readonly level: LogLevel | null },
): Promise<void> {
  if (level === null) {
    await client.query('DELETE FROM signalbox.log_levels WHERE module = $1 AND process = $2', [module, process]);
    return;
  }
  await client.query(
    `INSERT INTO signalbox.log_levels (module, process, level, actor) VALUES ($1, $2, $3, $4)
     ON CONFLICT (module, process) DO UPDATE SET level = excluded.level, actor = excluded.actor, set_at = now()`,
    [module, process, level, actor],
  );
}

/** What is set, by module. */
export async function readLevels(client: Queryable): Promise<SetLevel[]> {
  const { rows } = await client.query<SetLevel>(
    'SELECT module, process, level, actor, set_at AS "setAt" FROM signalbox.log_levels ORDER BY module, process',
  );
  return rows;
}
