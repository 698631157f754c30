/** PostgreSQL's channel for signals of every session that trades. */
export const SIGNAL_CHANNEL = 'signalbox_signals';

/** Signals that a stream of Redis keeps; all of them are in the table. */
export const STREAM_LENGTH = 10_000;

/** The stream of a session in Redis. */
export const streamOf = (sessionId: string): string => `signalbox:signals:${sessionId}`;

/** A recorded signal as other programs get it. Times are ISO 8601 in UTC. */
export interface PublishedSignal {
  readonly id: string;
  readonly session: string;
  /** Ascends within the session; there are gaps, and none comes later with a smaller one. */
  readonly sequence: number;
  readonly time: string;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL';
  readonly strength: string | null;
  readonly confidence: number;
  readonly probability: number | null;
  readonly model: string | null;
  readonly strategy: string | null;
  readonly decided: string | null;
  readonly expires: string | null;
  /** Why it was not let through; null for one that was. */
  readonly refused: string | null;
}

/** A moment as text: ISO 8601 in UTC. */
const isoSql = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** A signal as `PublishedSignal`. Without its reason it stays far below the 8,000 bytes of a notification. */
export const PUBLISHED_SIGNAL_SQL = `json_build_object('id', signal_id, 'session', session_id, 'sequence', record, 'time', ${isoSql('time')},
  'symbol', symbol, 'action', action, 'strength', strength, 'confidence', confidence, 'probability', probability,
  'model', model, 'strategy', strategy, 'decided', ${isoSql('decided_at')}, 'expires', ${isoSql('expires_at')},
  'refused', refused)`;
