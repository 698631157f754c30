import type pg from 'pg';
import type { Panel, Target } from '../board.ts';
import { BOARDS } from '../boards.ts';
import { expandSql, type QueryScope } from '../expand-query.ts';

/** A query of one kind, and where it stands. */
interface BoardQuery<T extends Target> {
  readonly where: string;
  readonly panel: Panel;
  readonly target: T;
}

type SqlTarget = Extract<Target, { sql: string }>;
type PromTarget = Extract<Target, { prom: string }>;

function panelsOf(boards: readonly string[]): { readonly where: string; readonly panel: Panel }[] {
  return BOARDS.filter(({ id }) => boards.includes(id)).flatMap((board) =>
    board.rows.flatMap(({ panels }) => panels.map((panel) => ({ where: `${board.title} / ${panel.title}`, panel }))),
  );
}

/** The queries of some boards to PostgreSQL. */
export function sqlQueries(boards: readonly string[]): BoardQuery<SqlTarget>[] {
  return panelsOf(boards).flatMap(({ where, panel }) =>
    panel.targets.flatMap((target) => ('sql' in target ? [{ where, panel, target }] : [])),
  );
}

/** The queries of some boards to Prometheus. */
export function promQueries(boards: readonly string[]): BoardQuery<PromTarget>[] {
  return panelsOf(boards).flatMap(({ where, panel }) =>
    panel.targets.flatMap((target) => ('prom' in target ? [{ where, panel, target }] : [])),
  );
}

/** What is wrong with the panels of some boards over a database: no row, or not what their kind draws. */
export async function sqlFaults(pool: pg.Pool, boards: readonly string[], scope: QueryScope): Promise<string[]> {
  const found: string[] = [];
  for (const query of sqlQueries(boards)) {
    const fault = await faultOf(pool, query, scope);
    if (fault !== null) found.push(`${query.where}: ${fault}`);
  }
  return found;
}

async function faultOf(
  pool: pg.Pool,
  { panel, target }: BoardQuery<SqlTarget>,
  scope: QueryScope,
): Promise<string | null> {
  const { rows, fields } = await pool.query<Record<string, unknown>>(expandSql(target.sql, scope));
  const names = fields.map(({ name }) => name);
  if (rows.length === 0) return 'no rows';
  if (target.format === 'series' && names[0] !== 'time') return 'no time';
  const candle = ['time', 'open', 'high', 'low', 'close'];
  if (panel.kind === 'candles' && candle.some((name) => !names.includes(name))) return 'no candle';
  if (panel.kind === 'stat' && rows.length > 1) return 'more than one';
  const isNumber = (name: string): boolean => rows.some((row) => typeof row[name] === 'number');
  if (panel.kind !== 'table' && !names.some(isNumber)) return 'no number';
  const strange = Object.keys(panel.columns ?? {}).filter((name) => !names.includes(name));
  return strange.length === 0 ? null : `no column ${strange.join(', ')}`;
}
