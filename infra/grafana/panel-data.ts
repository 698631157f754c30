import type pg from 'pg';
import { thinnedRows } from '../charts/thinned-rows.ts';
import { InputError } from '../errors.ts';
import { codeOf } from '../postgres/database-error.ts';
import type { Database } from '../postgres/database.ts';
import { placed, type Board, type Choice, type Panel, type Target } from './board.ts';
import { boundSql, expandProm, type QueryScope } from './expand-query.ts';
import { askPrometheus } from './prometheus-client.ts';

/** Rows that are read for a panel, and points that a line of it has at most. */
const ROWS_MAX = 50_000;
const TABLE_ROWS_MAX = 1_000;
const POINTS_MAX = 600;
const LINES_MAX = 50;
/** A panel that takes longer is not worth the database's time. */
const SECONDS_MAX = 10;
const TOO_SLOW = `The database took longer than ${SECONDS_MAX} s: look at a shorter span.`;
const CANCELLED = '57014';
/** Points of a series from Prometheus. */
const STEPS = 300;

/** Numbers over time under one name. */
interface PanelLine {
  readonly name: string;
  readonly time: readonly number[];
  readonly value: readonly (number | null)[];
}

/** What a panel shows. */
export interface PanelData {
  readonly lines: readonly PanelLine[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** Rows or lines were left out, or thinned to their extremes. */
  readonly cut: boolean;
  /** Why there is nothing to show, in words; null where the sources answered. */
  readonly unavailable: string | null;
}

/** Where panels get their numbers. */
export interface PanelSources {
  readonly database: Pick<Database, 'transaction'>;
  /** Null where none is configured. */
  readonly prometheusUrl: string | null;
  readonly signal: AbortSignal;
}

const NO_PROMETHEUS = 'No Prometheus is set up for the console: set SIGNALBOX_PROMETHEUS_URL for `serve`.';

/** The panel of a board by its place among all of them. @throws InputError without one */
export function panelAt(board: Board, place: number): Panel {
  const found = placed(board).flatMap(({ panels }) => panels)[place];
  if (found !== undefined) return found.panel;
  throw new InputError(`there is no panel ${place} on board ${board.id}.`, 'GET /api/v1/boards lists them.');
}

/** What a panel shows: its own query, with parameters, in a transaction that can write nothing and ends in time. */
export async function panelData(sources: PanelSources, panel: Panel, scope: QueryScope): Promise<PanelData> {
  const parts: PanelData[] = [];
  for (const target of panel.targets) {
    if ('sql' in target) parts.push(await sqlData(sources, target, scope));
    else if (sources.prometheusUrl === null) parts.push({ ...NOTHING, unavailable: NO_PROMETHEUS });
    else parts.push(await promData(sources, panel, target, scope));
  }
  const lines = parts.flatMap((part) => part.lines);
  return {
    lines: lines.slice(0, LINES_MAX),
    columns: parts.find(({ columns }) => columns.length > 0)?.columns ?? [],
    rows: parts.flatMap(({ rows }) => rows),
    cut: parts.some(({ cut }) => cut) || lines.length > LINES_MAX,
    unavailable: parts.find(({ unavailable }) => unavailable !== null)?.unavailable ?? null,
  };
}

/** Values that may be chosen on a board, the first of them by itself. */
export async function choiceValues({ database }: Pick<PanelSources, 'database'>, { sql }: Choice): Promise<string[]> {
  const { rows } = await readOnly(database, { text: sql, values: [] }, TABLE_ROWS_MAX);
  return rows.map(([value]) => String(value));
}

const NOTHING: PanelData = { lines: [], columns: [], rows: [], cut: false, unavailable: null };

type Cell = PanelData['rows'][number][number] | Date;

async function sqlData(
  { database }: PanelSources,
  { sql, format }: Extract<Target, { sql: string }>,
  scope: QueryScope,
): Promise<PanelData> {
  const most = format === 'series' ? ROWS_MAX : TABLE_ROWS_MAX;
  const read = await readOnly(database, boundSql(sql, scope), most + 1).catch((error: Error) => {
    if (codeOf(error) === CANCELLED) return null;
    throw error;
  });
  if (read === null) return { ...NOTHING, unavailable: TOO_SLOW };
  const { columns, rows } = read;
  const cut = rows.length > most;
  if (format === 'series') {
    const { lines, thinned } = linesOf(columns, rows.slice(0, most));
    return { ...NOTHING, lines, cut: cut || thinned };
  }
  return { ...NOTHING, columns, rows: rows.slice(0, most).map((row) => row.map(plain)), cut };
}

const plain = (cell: Cell): string | number | boolean | null => (cell instanceof Date ? cell.toISOString() : cell);

/** A cursor reads no more than is shown, in the order of the query. */
async function readOnly(
  database: PanelSources['database'],
  query: { readonly text: string; readonly values: readonly unknown[] },
  most: number,
): Promise<{ columns: string[]; rows: Cell[][] }> {
  return database.transaction(async (client) => {
    await client.query('SET TRANSACTION READ ONLY');
    await client.query(`SET LOCAL statement_timeout = '${SECONDS_MAX}s'`);
    await client.query({ text: `DECLARE panel NO SCROLL CURSOR FOR ${query.text}`, values: [...query.values] });
    const asked: pg.QueryArrayConfig = { text: `FETCH FORWARD ${most} FROM panel`, rowMode: 'array' };
    const { rows, fields } = await client.query<Cell[]>(asked);
    return { columns: fields.map(({ name }) => name), rows };
  });
}

/** Rows with `time`, perhaps `metric`, and numbers, as a line for each metric and number. */
function linesOf(columns: readonly string[], rows: readonly Cell[][]): { lines: PanelLine[]; thinned: boolean } {
  const [time, metric] = [columns.indexOf('time'), columns.indexOf('metric')];
  const byName = new Map<string, { time: number[]; value: (number | null)[] }>();
  const numbers = columns.flatMap((name, at) => (at === time || at === metric ? [] : [{ name, at }]));
  for (const row of rows) {
    for (const { name, at } of numbers) {
      const of = metric < 0 ? name : [String(row[metric]), ...(numbers.length > 1 ? [name] : [])].join(' ');
      const line = byName.get(of) ?? { time: [], value: [] };
      byName.set(of, line);
      line.time.push((row[time] as Date).getTime());
      line.value.push(row[at] === null ? null : Number(row[at]));
    }
  }
  let thinned = false;
  const lines = [...byName].map(([name, line]) => {
    const kept = thinnedRows([line.value.map((value) => value ?? NaN)], POINTS_MAX);
    thinned ||= kept.length < line.time.length;
    return { name, time: kept.map((at) => line.time[at]!), value: kept.map((at) => line.value[at]!) };
  });
  return { lines, thinned };
}

async function promData(
  { prometheusUrl, signal }: PanelSources,
  panel: Panel,
  target: Extract<Target, { prom: string }>,
  scope: QueryScope,
): Promise<PanelData> {
  const isInstant = panel.kind === 'stat' || target.instant === true;
  const stepSeconds = Math.max(15, Math.ceil((scope.to.getTime() - scope.from.getTime()) / 1_000 / STEPS));
  const expression = expandProm(target.prom, { ...scope, intervalSeconds: stepSeconds });
  const span = isInstant ? { at: scope.to } : { from: scope.from, to: scope.to, stepSeconds };
  const answer = await askPrometheus(prometheusUrl!, expression, span, signal);
  if (typeof answer === 'string') return { ...NOTHING, unavailable: answer };
  const lines = answer.map(({ labels, time, value }) => ({ name: legendOf(target.legend, labels), time, value }));
  if (panel.kind !== 'table') return { ...NOTHING, lines };
  return { ...NOTHING, columns: ['name', 'value'], rows: lines.map(({ name, value }) => [name, value.at(-1) ?? null]) };
}

function legendOf(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replace(/\{\{(\w+)\}\}/g, (_, name: string) => labels[name] ?? '').trim();
}
