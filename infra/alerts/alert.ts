export type AlertSeverity = 'info' | 'warning' | 'critical';

/** Something that people are to know at once. */
export interface Alert {
  /** Tells what repeats it: one of a key is open at a time. */
  readonly key: string;
  /** In kebab-case, such as `breaker-open`: at most ten messages of a type go to a channel in a minute. */
  readonly type: string;
  readonly severity: AlertSeverity;
  readonly sessionId: string | null;
  /** One sentence for people. */
  readonly words: string;
  /** Plain JSON. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** What a channel is told: that an alert was raised, or is over. */
export interface AlertMessage {
  /** The same where it is sent again, so that a receiver can tell. */
  readonly id: string;
  readonly state: 'raised' | 'resolved';
  readonly key: string;
  readonly type: string;
  readonly severity: AlertSeverity;
  readonly session: string | null;
  readonly words: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** ISO 8601, UTC. */
  readonly raisedAt: string;
  readonly resolvedAt: string | null;
  /** Where several of a type go as one message: how many, and the first of them. Absent: it is one. */
  readonly together?: { readonly count: number; readonly alerts: readonly GroupedAlert[] };
}

/** One of several alerts that go as one message. */
export type GroupedAlert = Pick<AlertMessage, 'key' | 'severity' | 'session' | 'words' | 'raisedAt'>;

/**
 * Where alerts go. `send` resolves once the channel has taken the message, and rejects otherwise: it is tried again.
 */
export interface AlertChannel {
  readonly name: string;
  send(message: AlertMessage, signal: AbortSignal): Promise<void>;
}
