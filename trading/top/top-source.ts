/** Why a session is stopped, as the audit has it. */
export const REASON = 'from the terminal';

/** A row of a channel, as JSON has it. */
export type TopRow = Readonly<Record<string, unknown>>;

/** How a channel is told: its rows, the newest first. */
type HearRows = (channel: string, rows: readonly TopRow[]) => void;

/** What is heard of a source besides rows. */
export interface TopEars {
  readonly rows: HearRows;
  /** Whether changes come; where they do not, why. */
  readonly state: (words: string) => void;
}

/** Where the terminal's view looks: at a database, or at a service. */
export interface TopSource {
  /** Hears of a channel from here on: of what it holds, and whenever that has changed. */
  listen(channel: string): void;
  leave(channel: string): void;
  /** The limits of a session; null where none are on record. */
  limits(session: string): Promise<Readonly<Record<string, unknown>> | null>;
  /** Asks a session to stop between two bars, as `sessions stop` does; says what came of it. */
  stop(session: string): Promise<string>;
  /** As `emergency-stop` does. */
  emergencyStop(session: string): Promise<string>;
  close(): Promise<void>;
}

/** What names a row within its channel. */
const KEYS: Readonly<Record<string, string>> = {
  sessions: 'session',
  alerts: 'id',
  orders: 'sequence',
  fills: 'record',
  signals: 'record',
  positions: 'symbol',
  account: 'session',
};

export function keyOfRow(channel: string, row: TopRow): string {
  return String(row[KEYS[channel.split(':')[0]!]!]);
}

/** What is numbered comes the newest first; the rest as it is named, sessions by when they began. */
export function inOrder(channel: string, rows: Iterable<TopRow>): readonly TopRow[] {
  const began = (row: TopRow): string => (typeof row['startedAt'] === 'string' ? row['startedAt'] : '');
  const number = (row: TopRow): number => Number(keyOfRow(channel, row));
  const order = (a: TopRow, b: TopRow): number => {
    if (channel === 'sessions') return began(b).localeCompare(began(a));
    const [first, second] = [number(a), number(b)];
    if (Number.isNaN(first) || Number.isNaN(second)) return keyOfRow(channel, a).localeCompare(keyOfRow(channel, b));
    return second - first;
  };
  return [...rows].sort(order);
}
