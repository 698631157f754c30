import { maskSecrets } from '../../infra/logging/mask-secrets.ts';
import { terminalSafe } from '../../infra/terminal/terminal-safe.ts';
import { isShare, limitRows, type LimitRow } from '../sessions/operators/limit-use.ts';
import type { TopRow } from './top-source.ts';

/** A column: the smaller `rank`, the longer it stays when the terminal is narrow. */
interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly rank: number;
  readonly right?: boolean;
  /** Takes the room that is left; the last column where none does. */
  readonly grows?: boolean;
  readonly of: (row: Row) => unknown;
}

/** A table of one panel. */
export interface TopTable<Row = TopRow> {
  readonly title: string;
  readonly columns: readonly Column<Row>[];
}

/** A value as a cell: one line that a terminal may show. */
export function cell(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean);
  return terminalSafe(maskSecrets(text)).replace(/\s+/g, ' ');
}

export const money = (value: unknown): string => (typeof value === 'number' ? value.toFixed(2) : '-');
export const percent = (value: unknown): string => (typeof value === 'number' ? `${(value * 100).toFixed(2)}%` : '-');
const number = (value: unknown): string => (typeof value === 'number' ? String(Number(value.toPrecision(8))) : '-');
/** A moment to the second, UTC. */
export const moment = (value: unknown): string =>
  typeof value === 'string' ? value.slice(5, 19).replace('T', ' ') : '-';

const state = (row: TopRow): string =>
  row['killState'] === null || row['killState'] === 'run'
    ? cell(row['state'])
    : `${cell(row['state'])}, ${cell(row['killState'])}`;

const text = (title: string, key: string, width: number, rank: number): Column<TopRow> => ({
  title,
  width,
  rank,
  of: (row) => row[key],
});
const figure = (title: string, key: string, width: number, rank: number): Column<TopRow> => ({
  title,
  width,
  rank,
  right: true,
  of: (row) => number(row[key]),
});
const amount = (title: string, key: string, width: number, rank: number): Column<TopRow> => ({
  ...figure(title, key, width, rank),
  of: (row) => money(row[key]),
});

export const SESSIONS: TopTable = {
  title: 'Sessions',
  columns: [
    { ...text('session', 'session', 22, 0), grows: true },
    text('mode', 'mode', 5, 2),
    { title: 'state', width: 14, rank: 1, of: state },
    { title: 'last bar', width: 14, rank: 4, of: (row) => moment(row['lastClose']) },
    amount('equity', 'equity', 13, 1),
    text('orders', 'orders', 10, 5),
    text('experiment', 'experiment', 16, 6),
    { title: 'pending', width: 12, rank: 7, of: (row) => (row['pending'] as readonly string[]).join(', ') },
  ],
};

export const POSITIONS: TopTable = {
  title: 'Positions',
  columns: [
    text('symbol', 'symbol', 10, 0),
    figure('units', 'quantity', 11, 0),
    figure('average', 'averagePrice', 11, 3),
    figure('price', 'price', 11, 2),
    amount('value', 'value', 13, 1),
    amount('open P&L', 'unrealised', 11, 1),
    figure('venue', 'venueQuantity', 11, 4),
  ],
};

export const ORDERS: TopTable = {
  title: 'Orders',
  columns: [
    text('#', 'sequence', 6, 0),
    { title: 'time', width: 14, rank: 4, of: (row) => moment(row['time']) },
    text('symbol', 'symbol', 10, 0),
    text('side', 'side', 4, 0),
    text('type', 'type', 10, 3),
    figure('units', 'quantity', 10, 1),
    figure('filled', 'filled', 10, 2),
    figure('at', 'averagePrice', 11, 3),
    text('state', 'state', 16, 0),
  ],
};

export const SIGNALS: TopTable = {
  title: 'Signals',
  columns: [
    { title: 'time', width: 14, rank: 1, of: (row) => moment(row['time']) },
    text('symbol', 'symbol', 10, 0),
    text('action', 'action', 6, 0),
    figure('probability', 'probability', 11, 2),
    text('refused', 'refused', 18, 1),
    text('reason', 'reason', 40, 3),
  ],
};

export const ALERTS: TopTable = {
  title: 'Alerts',
  columns: [
    { title: 'raised', width: 14, rank: 2, of: (row) => moment(row['raisedAt']) },
    text('severity', 'severity', 8, 0),
    { title: 'is', width: 5, rank: 1, of: (row) => (row['resolvedAt'] === null ? 'open' : 'over') },
    text('type', 'type', 20, 3),
    text('what', 'words', 60, 0),
  ],
};

const limitText = ({ name, value }: LimitRow): string => (isShare(name) ? percent(value) : cell(value));
const usedText = ({ name, used }: LimitRow): string => (isShare(name) ? percent(used) : number(used));

export const RISK: TopTable<LimitRow> = {
  title: 'Risk',
  columns: [
    { title: 'limit', width: 30, rank: 0, of: ({ name }) => name },
    { title: 'allowed', width: 12, rank: 0, right: true, of: limitText },
    { title: 'used', width: 12, rank: 0, right: true, of: usedText },
    { title: 'of it', width: 14, rank: 1, of: (row) => useBar(row) },
  ],
};

/** How much of a limit is used, as a bar of ten. */
function useBar({ value, used }: LimitRow): string {
  if (typeof value !== 'number' || used === null || value <= 0) return '-';
  const share = Math.min(1, used / value);
  return `${'#'.repeat(Math.round(share * 10)).padEnd(10, '.')} ${Math.round(share * 100)}%`;
}

/** Limits of a session with what is used of them, what is nearest to its bound first. */
export function riskRows(limits: Readonly<Record<string, unknown>> | null, account: TopRow | undefined): LimitRow[] {
  const figures = (account?.['ours'] ?? null) as Parameters<typeof limitRows>[1];
  const share = ({ value, used }: LimitRow): number =>
    typeof value === 'number' && value > 0 && used !== null ? used / value : -1;
  return [...limitRows(limits ?? {}, figures)].sort((a, b) => share(b) - share(a));
}

/** The heading and the lines of a table in so many columns of a terminal: what does not fit is left out or cut. */
export function tableLines<Row>(
  { columns }: TopTable<Row>,
  rows: readonly Row[],
  width: number,
): { readonly heading: string; readonly lines: readonly string[] } {
  const kept = fitting(columns, width);
  const growing = kept.find(({ grows }) => grows === true) ?? kept.at(-1)!;
  const used = kept.reduce((sum, column) => sum + column.width + 1, -1);
  const widths = kept.map((column) => {
    const mayGrow = column === growing && column.right !== true;
    return column.width + (mayGrow ? width - used : 0);
  });
  const line = (texts: readonly string[]): string =>
    texts
      .map((one, at) => padded(one, widths[at]!, kept[at]!.right === true))
      .join(' ')
      .trimEnd();
  return {
    heading: line(kept.map(({ title }) => title)),
    lines: rows.map((row) => line(kept.map((column) => cell(column.of(row))))),
  };
}

function fitting<Row>(columns: readonly Column<Row>[], width: number): readonly Column<Row>[] {
  let kept = columns;
  while (kept.length > 1 && kept.reduce((sum, column) => sum + column.width + 1, -1) > width) {
    const worst = Math.max(...kept.map(({ rank }) => rank));
    const at = kept.findLastIndex(({ rank }) => rank === worst);
    kept = kept.filter((_, one) => one !== at);
  }
  return kept;
}

function padded(value: string, width: number, right: boolean): string {
  const cut = value.length > width ? `${value.slice(0, Math.max(0, width - 1))}…` : value;
  return right ? cut.padStart(width) : cut.padEnd(width);
}
