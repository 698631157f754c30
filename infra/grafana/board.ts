/** What a number is, and how it is shown. Money is in the currency of the account, which a board does not know. */
export type Unit = 'money' | 'ratio' | 'seconds' | 'bytes' | 'count' | 'rate' | 'price' | 'score';

/** How a panel is drawn. */
type PanelKind = 'lines' | 'bars' | 'stat' | 'table' | 'candles';

/** Where its numbers come from: PostgreSQL, or Prometheus. */
export type Target =
  | {
      readonly sql: string;
      /** `series` has a column `time`, perhaps `metric`, and numbers; `rows` are rows. */
      readonly format: 'series' | 'rows';
    }
  | {
      readonly prom: string;
      /** With labels as `{{label}}`. */
      readonly legend: string;
      /** Only the newest value. */
      readonly instant?: boolean;
    };

/** From which value on what is shown is worth a look, or bad. */
export interface Threshold {
  readonly from: number;
  readonly tone: 'good' | 'look' | 'bad';
}

export interface Panel {
  readonly title: string;
  /** One or two sentences: what it shows, and what to do where it looks bad. */
  readonly about: string;
  readonly kind: PanelKind;
  readonly unit: Unit;
  /** Of 24. */
  readonly width: number;
  readonly height?: number;
  readonly targets: readonly Target[];
  readonly thresholds?: readonly Threshold[];
  readonly min?: number;
  readonly max?: number;
  /** What it says where there is nothing to show, instead of that. */
  readonly empty?: string;
  /** Of a table: units of columns that have another than the panel's. */
  readonly columns?: Readonly<Record<string, Unit>>;
}

/** Something that is chosen for all panels of a board. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  /** Gives its values, the first of them chosen. */
  readonly sql: string;
  readonly several: boolean;
}

export interface Board {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  /** The span that it opens with, such as `24h`. */
  readonly span: string;
  readonly choices: readonly Choice[];
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

/** A panel in its place on the grid of 24 columns. */
export interface PlacedPanel {
  readonly panel: Panel;
  readonly at: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const HEIGHTS: Readonly<Record<PanelKind, number>> = { lines: 8, bars: 8, stat: 4, table: 9, candles: 12 };
const COLUMNS = 24;

/** Sets the panels of a board from left to right, row by row; a row's title takes one line. */
export function placed(board: Board): readonly { readonly title: string; y: number; panels: PlacedPanel[] }[] {
  let y = 0;
  return board.rows.map(({ title, panels }) => {
    const row = { title, y, panels: [] as PlacedPanel[] };
    y += 1;
    let [x, tallest] = [0, 0];
    for (const panel of panels) {
      const h = panel.height ?? HEIGHTS[panel.kind];
      if (x + panel.width > COLUMNS) [x, y, tallest] = [0, y + tallest, 0];
      row.panels.push({ panel, at: { x, y, w: panel.width, h } });
      x += panel.width;
      tallest = Math.max(tallest, h);
    }
    y += tallest;
    return row;
  });
}

/** The session or sessions that a board is about. */
export const SESSION: Choice = {
  name: 'session',
  label: 'Session',
  sql: 'SELECT session_id FROM board_sessions ORDER BY ended_at IS NOT NULL, started_at DESC, session_id LIMIT 200',
  several: true,
};

/** A condition on rows of the sessions that were chosen. */
export const CHOSEN = 'session_id IN (${session:sqlstring})';

/** A series of the sessions that were chosen, with the session as its label: a process runs one. */
export function ofSessions(expression: string): string {
  return `(${expression}) * on (instance) group_left (session) signalbox_session_info{session=~"$session"}`;
}
