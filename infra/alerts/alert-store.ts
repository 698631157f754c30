import type pg from 'pg';
import { canonicalJson } from '../hash.ts';
import { maskJson, maskSecrets } from '../logging/mask-secrets.ts';
import type { Alert, AlertMessage, AlertSeverity } from './alert.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** When something is told, and to which channels, by name. */
export interface ToldTo {
  readonly atMs: number;
  readonly channels: readonly string[];
  /** Browsers of users are told too, by push. Default: they are. */
  readonly byPush?: boolean;
}

const WORDS_MAX = 2_000;

/** The message of a row of `alerts` named `one`, as `AlertMessage` without its id. */
const MESSAGE_SQL = `jsonb_build_object('key', one.key, 'type', one.type, 'severity', one.severity,
  'session', one.session_id, 'words', one.words, 'details', one.details,
  'raisedAt', to_char(one.raised_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

/** The channels that are told of a row of `alerts` named `one`: of those that `channels` names, and browsers. */
const audienceSql = (channels: string, byPush: string, moment: string): string =>
  `signalbox.alert_audience(${channels}, ${byPush}, one.type, one.severity, one.session_id, ${moment})`;

/**
 * Raises an alert, in the transaction of the caller where there is one. While one of its key is open it is only
 * counted, unless it has become more severe: then channels are told again.
 */
export async function raiseAlert(client: Queryable, alert: Alert, told: ToldTo): Promise<void> {
  const { atMs, channels, byPush = true } = told;
  const { key, type, severity, sessionId, words, details = {} } = alert;
  await client.query(
    `WITH before AS (
       SELECT severity FROM signalbox.alerts WHERE key = $1 AND resolved_at IS NULL
     ), one AS (
       INSERT INTO signalbox.alerts AS open (key, type, severity, session_id, words, details, raised_at, last_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
       ON CONFLICT (key) WHERE resolved_at IS NULL DO UPDATE SET
         times = open.times + 1, last_at = excluded.last_at,
         severity = CASE WHEN ${rank('excluded.severity')} > ${rank('open.severity')}
                         THEN excluded.severity ELSE open.severity END,
         words = excluded.words, details = excluded.details
       RETURNING *
     )
     INSERT INTO signalbox.alert_deliveries (alert_id, key, type, channel, message, try_at)
     SELECT one.id, one.key, one.type, channel, ${MESSAGE_SQL} || '{"state": "raised", "resolvedAt": null}', $7
     FROM one, ${audienceSql('$8', '$9', '$7')} AS channel
     WHERE one.times = 1 OR one.severity IS DISTINCT FROM (SELECT severity FROM before)`,
    [
      key,
      type,
      severity,
      sessionId,
      maskSecrets(words, WORDS_MAX),
      maskJson(canonicalJson(details)),
      new Date(atMs),
      channels,
      byPush,
    ],
  );
}

const rank = (column: string): string => `array_position(ARRAY['info', 'warning', 'critical'], ${column})`;

/** Ends the open alert of a key, and tells channels so that were told of it; nothing where none is open. */
export async function resolveAlert(
  client: Queryable,
  key: string,
  { atMs, channels, why }: ToldTo & { readonly why: string },
): Promise<void> {
  await client.query(
    `WITH one AS (
       UPDATE signalbox.alerts SET resolved_at = $2, resolution = $3 WHERE key = $1 AND resolved_at IS NULL RETURNING *
     )
     INSERT INTO signalbox.alert_deliveries (alert_id, key, type, channel, message, try_at)
     SELECT one.id, one.key, one.type, channel, ${MESSAGE_SQL} || jsonb_build_object('state', 'resolved', 'words', $3::text,
       'resolvedAt', to_char(one.resolved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')), $2
     FROM one CROSS JOIN LATERAL (
       SELECT DISTINCT channel FROM signalbox.alert_deliveries AS before WHERE before.alert_id = one.id
     ) AS told
     WHERE channel = ANY ($4) OR channel LIKE 'push:%'`,
    [key, new Date(atMs), maskSecrets(why, WORDS_MAX), channels],
  );
}

/** An alert as it is listed. */
export interface ListedAlert {
  readonly id: number;
  readonly key: string;
  readonly type: string;
  readonly severity: AlertSeverity;
  readonly session: string | null;
  readonly words: string;
  readonly details: unknown;
  readonly raisedAt: Date;
  readonly lastAt: Date;
  readonly times: number;
  readonly resolvedAt: Date | null;
  readonly resolution: string | null;
  /** Messages about it that a channel has yet to take, by channel. */
  readonly waiting: Readonly<Record<string, number>>;
  /** What a channel last failed with, where a message waits. */
  readonly answer: string | null;
  /** When somebody said that he has seen it, and who. */
  readonly acknowledgedAt: Date | null;
  readonly acknowledgedBy: string | null;
}

export interface AlertsAsked {
  readonly session?: string | undefined;
  readonly open?: boolean | undefined;
  readonly type?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
  /** Only what a user may see and chose to be told of on the page. */
  readonly seenBy?: { readonly userId: number; readonly sessions: readonly string[] | null } | undefined;
}

/** Alerts, the newest first. */
export async function listAlerts(
  client: Queryable,
  { session, open = false, type, before, limit, seenBy }: AlertsAsked,
): Promise<ListedAlert[]> {
  const { rows } = await client.query<ListedAlert>(
    `SELECT id::float8 AS id, key, type, severity, session_id AS session, words, details, raised_at AS "raisedAt",
            last_at AS "lastAt", times, resolved_at AS "resolvedAt", resolution,
            coalesce((SELECT jsonb_object_agg(channel, messages) FROM (
              SELECT channel, count(*)::int AS messages FROM signalbox.alert_deliveries
              WHERE alert_id = alerts.id AND delivered_at IS NULL GROUP BY channel) AS waiting), '{}') AS waiting,
            (SELECT answer FROM signalbox.alert_deliveries
             WHERE alert_id = alerts.id AND delivered_at IS NULL AND answer IS NOT NULL ORDER BY id LIMIT 1) AS answer,
            acknowledged_at AS "acknowledgedAt", acknowledged_by AS "acknowledgedBy"
     FROM signalbox.alerts
     WHERE ($1::text IS NULL OR session_id = $1) AND (NOT $2 OR resolved_at IS NULL)
       AND ($3::text IS NULL OR type = $3) AND ($4::bigint IS NULL OR id < $4)
       AND ($6::bigint IS NULL OR ($7::text[] IS NULL OR session_id = ANY ($7))
            AND signalbox.alert_chosen($6, 'app', type, severity))
     ORDER BY id DESC LIMIT $5`,
    [session ?? null, open, type ?? null, before ?? null, limit, seenBy?.userId ?? null, seenBy?.sessions ?? null],
  );
  return rows;
}

/** Somebody has seen an alert. Returns its session and key; null where there is no open alert of that number. */
export async function acknowledgeAlert(
  client: Queryable,
  id: number,
  { atMs, by }: { readonly atMs: number; readonly by: string },
): Promise<{ readonly key: string; readonly session: string | null } | null> {
  const { rows } = await client.query<{ key: string; session: string | null }>(
    `UPDATE signalbox.alerts SET acknowledged_at = coalesce(acknowledged_at, $2),
       acknowledged_by = coalesce(acknowledged_by, $3)
     WHERE id = $1 AND resolved_at IS NULL RETURNING key, session_id AS session`,
    [id, new Date(atMs), by],
  );
  return rows[0] ?? null;
}

/**
 * Tells critical alerts again that have been open for `afterMs` and that nobody has acknowledged: once each, whichever
 * process does it. Silenced ones are left alone. Returns how many.
 */
export async function escalateAlerts(
  client: Queryable,
  { atMs, afterMs, channels }: ToldTo & { readonly afterMs: number },
): Promise<number> {
  const { rows } = await client.query<{ escalated: number }>(
    `WITH one AS (
       UPDATE signalbox.alerts AS open SET escalated_at = $1
       WHERE resolved_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL AND severity = 'critical'
         AND raised_at <= $2 AND NOT signalbox.alert_silenced(type, session_id, $1)
       RETURNING *
     ), told AS (
       INSERT INTO signalbox.alert_deliveries (alert_id, key, type, channel, message, try_at)
       SELECT one.id, one.key, one.type, channel, ${MESSAGE_SQL} || jsonb_build_object('state', 'raised', 'resolvedAt', NULL,
         'words', 'nobody has acknowledged this: ' || one.words), $1
       FROM one, ${audienceSql('$3', 'true', '$1')} AS channel
     )
     SELECT count(*)::int AS escalated FROM one`,
    [new Date(atMs), new Date(atMs - afterMs), channels],
  );
  return rows[0]!.escalated;
}

/** Messages of a type that a channel is given in any minute, at most; the others wait. */
const PER_MINUTE_MAX = 10;

/** How many messages of each type the channel `$1` was given in the minute before `$2`. */
const GIVEN_SQL = `given AS (
  SELECT type, count(*) AS messages FROM signalbox.alert_deliveries
  WHERE channel = $1 AND delivered_at > $2::timestamptz - interval '1 minute' AND coalesce(sent_as, id) = id
  GROUP BY type
)`;

/** A message that this process is to hand to a channel. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly message: AlertMessage;
  /** Tries so far, with this one. */
  readonly attempts: number;
}

export interface ClaimOptions {
  readonly channel: string;
  readonly nowMs: number;
  /** Nobody else tries them before. */
  readonly untilMs: number;
  readonly most: number;
}

/**
 * Claims messages that are due: of each key the oldest alone, so that they arrive in order, and no more of a type than
 * a channel may be given in a minute. Several processes may claim at a time: each message is one's.
 */
export async function claimDeliveries(
  client: Queryable,
  { channel, nowMs, untilMs, most }: ClaimOptions,
): Promise<ClaimedDelivery[]> {
  const { rows } = await client.query<{ id: number; message: Omit<AlertMessage, 'id'>; attempts: number }>(
    `WITH ${GIVEN_SQL}, oldest AS (
       SELECT DISTINCT ON (key) id, type, try_at, coalesce(claimed_until > $2, false) AS claimed
       FROM signalbox.alert_deliveries WHERE channel = $1 AND delivered_at IS NULL ORDER BY key, id
     ), placed AS (
       SELECT id, type, claimed, row_number() OVER (PARTITION BY type ORDER BY claimed DESC, id) AS place
       FROM oldest WHERE claimed OR try_at <= $2
     )
     UPDATE signalbox.alert_deliveries SET claimed_until = $3, attempts = attempts + 1
     WHERE delivered_at IS NULL AND (claimed_until IS NULL OR claimed_until <= $2) AND id IN (
       SELECT id FROM placed LEFT JOIN given USING (type)
       WHERE NOT claimed AND place + coalesce(messages, 0) <= $4 ORDER BY id LIMIT $5
     )
     RETURNING id::float8 AS id, message, attempts`,
    [channel, new Date(nowMs), new Date(untilMs), PER_MINUTE_MAX, most],
  );
  return rows
    .sort((a, b) => a.id - b.id)
    .map(({ id, message, attempts }) => ({ id, attempts, message: { id: String(id), ...message } }));
}

/** A delivery that was claimed to be sent with others of its kind, as the message of that number. */
export interface ClaimedMember extends ClaimedDelivery {
  readonly sentAs: number;
}

/**
 * Claims what is due as `claimDeliveries` does, but so that those of one type that are raised, or over, may go as one
 * message: the first of a kind at once, those that come within `groupMs` of it together after that. What was sent
 * together is sent together again.
 */
export async function claimGroups(
  client: Queryable,
  { channel, nowMs, untilMs, groupMs }: Omit<ClaimOptions, 'most'> & { readonly groupMs: number },
): Promise<ClaimedMember[]> {
  const { rows } = await client.query<{ id: number; sentAs: number; message: AlertMessage; attempts: number }>(
    `WITH ${GIVEN_SQL}, recent AS (
       SELECT DISTINCT type, message ->> 'state' AS state FROM signalbox.alert_deliveries
       WHERE channel = $1 AND (delivered_at > $4 OR delivered_at IS NULL AND claimed_until > $2)
     ), oldest AS (
       SELECT DISTINCT ON (key) id, type, message ->> 'state' AS state, sent_as, try_at, claimed_until
       FROM signalbox.alert_deliveries WHERE channel = $1 AND delivered_at IS NULL ORDER BY key, id
     ), due AS (
       SELECT oldest.id, coalesce(sent_as, min(oldest.id) OVER (PARTITION BY type, state, sent_as)) AS lead
       FROM oldest LEFT JOIN given USING (type)
       WHERE try_at <= $2 AND (claimed_until IS NULL OR claimed_until <= $2) AND (sent_as IS NOT NULL OR
         coalesce(messages, 0) < $5 AND NOT EXISTS (
           SELECT FROM recent WHERE recent.type = oldest.type AND recent.state = oldest.state))
     )
     UPDATE signalbox.alert_deliveries AS delivery
     SET claimed_until = $3, attempts = attempts + 1, sent_as = due.lead
     FROM due WHERE delivery.id = due.id AND delivered_at IS NULL AND (claimed_until IS NULL OR claimed_until <= $2)
     RETURNING delivery.id::float8 AS id, sent_as::float8 AS "sentAs", message, attempts`,
    [channel, new Date(nowMs), new Date(untilMs), new Date(nowMs - groupMs), PER_MINUTE_MAX],
  );
  return rows
    .sort((a, b) => a.id - b.id)
    .map(({ id, sentAs, message, attempts }) => ({ id, sentAs, attempts, message: { ...message, id: String(id) } }));
}

/** Deliveries by their numbers: one, or those that were sent together. */
type Numbers = number | readonly number[];

const listed = (ids: Numbers): readonly number[] => (typeof ids === 'number' ? [ids] : ids);

/** The channel has taken them. */
export async function noteDelivered(client: Queryable, ids: Numbers, atMs: number): Promise<void> {
  await client.query(
    'UPDATE signalbox.alert_deliveries SET delivered_at = $2, claimed_until = NULL, answer = NULL WHERE id = ANY ($1)',
    [listed(ids), new Date(atMs)],
  );
}

/** The channel did not take them: they are tried again at `tryMs`. */
export async function noteFailed(
  client: Queryable,
  ids: Numbers,
  { tryMs, answer }: { readonly tryMs: number; readonly answer: string },
): Promise<void> {
  await client.query(
    'UPDATE signalbox.alert_deliveries SET try_at = $2, claimed_until = NULL, answer = $3 WHERE id = ANY ($1)',
    [listed(ids), new Date(tryMs), maskSecrets(answer, 500)],
  );
}

/** How a channel stands: what waits for it, when it last took something, and what it last failed with. */
export interface ChannelStanding {
  readonly waiting: number;
  readonly lastAt: Date | null;
  readonly answer: string | null;
}

/** How channels stand, by name; those that were told nothing yet are left out. */
export async function channelStandings(
  client: Queryable,
  channels: readonly string[],
): Promise<ReadonlyMap<string, ChannelStanding>> {
  const { rows } = await client.query<ChannelStanding & { channel: string }>(
    `SELECT channel, count(*) FILTER (WHERE delivered_at IS NULL)::int AS waiting, max(delivered_at) AS "lastAt",
            (array_agg(answer ORDER BY id) FILTER (WHERE delivered_at IS NULL AND answer IS NOT NULL))[1] AS answer
     FROM signalbox.alert_deliveries WHERE channel = ANY ($1) GROUP BY channel`,
    [channels],
  );
  return new Map(rows.map(({ channel, ...standing }) => [channel, standing]));
}

/** Names of the browsers that messages wait for: `push:NUMBER`. */
export async function pushesWaiting(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ channel: string }>(
    `SELECT DISTINCT channel FROM signalbox.alert_deliveries
     WHERE delivered_at IS NULL AND channel LIKE 'push:%' ORDER BY channel`,
  );
  return rows.map(({ channel }) => channel);
}

/** Forgets what waits for a channel that is no more. */
export async function dropWaiting(client: Queryable, channel: string): Promise<void> {
  await client.query('DELETE FROM signalbox.alert_deliveries WHERE channel = $1 AND delivered_at IS NULL', [channel]);
}

/** Messages that a channel has yet to take. */
export async function countWaiting(client: Queryable, channels: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM signalbox.alert_deliveries
     WHERE channel = ANY($1) AND delivered_at IS NULL`,
    [channels],
  );
  return rows[0]!.waiting;
}
