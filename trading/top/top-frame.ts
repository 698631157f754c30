import type { LimitRow } from '../sessions/operators/limit-use.ts';
import type { Panel, TopModel, TopState } from './top-model.ts';
import type { TopRow } from './top-source.ts';
import {
  ALERTS,
  cell,
  moment,
  money,
  ORDERS,
  percent,
  POSITIONS,
  RISK,
  riskRows,
  SESSIONS,
  SIGNALS,
  tableLines,
} from './top-tables.ts';

/** The lines of a panel. */
export interface PanelLines {
  readonly title: string;
  readonly heading: string;
  readonly lines: readonly { readonly text: string; readonly tone: Tone | null; readonly isChosen: boolean }[];
}

type Tone = 'red' | 'yellow' | 'green';

const TABLES = { sessions: SESSIONS, positions: POSITIONS, orders: ORDERS, signals: SIGNALS, alerts: ALERTS } as const;
const NOTHING: Readonly<Record<Panel, string>> = {
  sessions: 'There is no session. Begin one: signalbox paper EXPERIMENT.',
  positions: 'Nothing is held.',
  orders: 'No order.',
  signals: 'No signal.',
  alerts: 'No alert.',
  risk: 'No limits are on record.',
};

/** Columns that the name of a session has at the least. */
const NAME_MIN = 16;

/** Above everything: the session that is looked at, how it stands, and how much is open; what fits, by its weight. */
export function headLine({ rows, session }: TopState, width: number): string {
  const row = (rows['sessions'] ?? []).find((one) => one['session'] === session);
  const open = (rows['alerts'] ?? []).filter((alert) => alert['resolvedAt'] === null).length;
  const alerts = open === 0 ? 'no alert' : `${open} ${open === 1 ? 'alert' : 'alerts'} open`;
  if (row === undefined) return `signalbox top  ${alerts}`;
  const ours = (rows['account']?.[0]?.['ours'] ?? {}) as TopRow;
  const { equity = row['equity'], dayPnl, dayReturn, cash } = ours;
  const isFree = row['killState'] === null || row['killState'] === 'run';
  const parts = [
    `${cell(row['mode'])} ${cell(row['state'])}${isFree ? '' : `, ${cell(row['killState']).toUpperCase()}`}`,
    `equity ${money(equity)}`,
    alerts,
    `day ${money(dayPnl)} (${percent(dayReturn)})`,
    `bar ${moment(row['lastClose'])}`,
    `cash ${money(cash)}`,
  ];
  const name = cell(row['session']);
  const least = Math.min(name.length, NAME_MIN);
  let kept = parts.length;
  while (kept > 1 && least + 2 + parts.slice(0, kept).join('  ').length > width) kept -= 1;
  const rest = parts.slice(0, kept).join('  ');
  const room = Math.max(least, width - rest.length - 2);
  return `${name.length > room ? `${name.slice(0, room - 1)}…` : name}  ${rest}`;
}

/** What a panel shows in so many lines. */
export function panelLines(
  model: TopModel,
  state: TopState,
  panel: Panel,
  room: { readonly lines: number; readonly width: number },
): PanelLines {
  if (panel === 'risk') {
    const all = riskRows(state.limits, state.rows['account']?.[0]);
    const rows = all.filter(
      ({ name }) => state.panel !== 'risk' || name.toLowerCase().includes(state.filter.toLowerCase()),
    );
    return linesOf(panel, { state, rows, room, table: tableLines(RISK, rows, room.width), tone: riskTone, chosen: -1 });
  }
  const rows = model.shown(panel);
  const chosen = panel === 'sessions' ? rows.findIndex((row) => row['session'] === state.session) : -1;
  const table = tableLines(TABLES[panel], rows, room.width);
  return linesOf(panel, { state, rows, room, table, tone: TONES[panel] ?? (() => null), chosen });
}

interface Shown<Row> {
  readonly state: TopState;
  readonly rows: readonly Row[];
  readonly room: { readonly lines: number };
  readonly table: ReturnType<typeof tableLines>;
  readonly tone: (row: Row) => Tone | null;
  /** Row that is chosen; -1 for none. */
  readonly chosen: number;
}

function linesOf<Row>(panel: Panel, { state, rows, room, table, tone, chosen }: Shown<Row>): PanelLines {
  // The list of sessions follows the one that is chosen.
  const from =
    panel === 'sessions'
      ? Math.max(0, chosen - room.lines + 1)
      : Math.min(state.from[panel] ?? 0, Math.max(0, rows.length - 1));
  const shown = table.lines.slice(from, from + Math.max(0, room.lines));
  const filter = state.filter !== '' && state.panel === panel ? ` /${cell(state.filter)}` : '';
  const part = shown.length < rows.length ? ` ${from + 1}-${from + shown.length} of ${rows.length}` : ` ${rows.length}`;
  const title = `${panel === 'risk' ? RISK.title : TABLES[panel].title}${rows.length === 0 ? '' : part}${filter}`;
  if (rows.length === 0) {
    const words = filter === '' ? NOTHING[panel] : 'Nothing fits the filter.';
    return { title, heading: words, lines: [] };
  }
  const lines = shown.map((text, at) => ({ text, tone: tone(rows[from + at]!), isChosen: from + at === chosen }));
  return { title, heading: table.heading, lines };
}

const TONES: Readonly<Partial<Record<Panel, (row: TopRow) => Tone | null>>> = {
  sessions: (row) => {
    if (row['state'] !== 'running') return null;
    return row['killState'] === 'run' || row['killState'] === null ? 'green' : 'yellow';
  },
  positions: ({ unrealised }) =>
    typeof unrealised !== 'number' || unrealised === 0 ? null : unrealised > 0 ? 'green' : 'red',
  orders: (row) => (row['state'] === 'REJECTED' || row['state'] === 'DENIED' ? 'red' : null),
  signals: (row) => (row['refused'] === null ? null : 'yellow'),
  alerts: (row) => (row['resolvedAt'] !== null ? null : row['severity'] === 'critical' ? 'red' : 'yellow'),
};

function riskTone({ value, used }: LimitRow): Tone | null {
  if (typeof value !== 'number' || used === null || value <= 0) return null;
  return used >= value ? 'red' : used >= 0.8 * value ? 'yellow' : null;
}
