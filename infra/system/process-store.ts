import type pg from 'pg';
import type { HealthDocument } from '../metrics/health-parts.ts';
import type { ProcessRole } from '../metrics/metrics.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What a process has counted since it began. */
interface ProcessFigures {
  readonly memoryBytes: number;
  /** Sockets of clients that are open; null where it has none. */
  readonly sockets: number | null;
  /** Lines of its log by level. */
  readonly logLines: Readonly<Record<string, number>>;
}

/** A process as it last said that it is there. */
export interface SeenProcess {
  readonly id: string;
  readonly role: ProcessRole;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly node: string;
  readonly beganAt: Date;
  readonly seenAt: Date;
  readonly health: HealthDocument;
  readonly figures: ProcessFigures;
}

/** Says that a process is there, and forgets those that have not been seen since `before`. */
export async function saveProcess(client: Queryable, seen: SeenProcess, before: Date): Promise<void> {
  const { id, role, host, pid, version, node, beganAt, seenAt, health, figures } = seen;
  await client.query(
    `INSERT INTO signalbox.processes (id, role, host, pid, version, node, began_at, seen_at, health, figures)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at, health = excluded.health, figures = excluded.figures`,
    [id, role, host, pid, version, node, beganAt, seenAt, JSON.stringify(health), JSON.stringify(figures)],
  );
  await client.query('DELETE FROM signalbox.processes WHERE seen_at < $1', [before]);
}

/** Forgets a process that has ended. */
export async function forgetProcess(client: Queryable, id: string): Promise<void> {
  await client.query('DELETE FROM signalbox.processes WHERE id = $1', [id]);
}

/** All that have said so within a day, the oldest first. */
export async function listProcesses(client: Queryable): Promise<SeenProcess[]> {
  const { rows } = await client.query<SeenProcess>(
    `SELECT id, role, host, pid, version, node, began_at AS "beganAt", seen_at AS "seenAt", health, figures
     FROM signalbox.processes ORDER BY began_at, id`,
  );
  return rows;
}
