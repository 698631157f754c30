import type pg from 'pg';
import { maskSecrets } from '../../../infra/logging/mask-secrets.ts';
import { storableText } from '../../../infra/logging/storable-text.ts';
import type { VenueExchange } from '../../brokers/venue/request-tape.ts';
import { sequenceOf } from '../../orders/client-order-id.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Characters of a request or an answer that are kept: one about an order has a fifth of them. */
const TEXT_MAX = 8_000;

const kept = (text: string): string => storableText(maskSecrets(text, TEXT_MAX));

/** Adds requests about orders of a session, and what was answered. Secrets are masked. */
export async function writeRequests(
  client: Queryable,
  sessionId: string,
  exchanges: readonly VenueExchange[],
): Promise<void> {
  const rows = exchanges.map(({ clientOrderId, sentMs, tookMs, method, path, body, status, answer }) => ({
    sequence: sequenceOf(clientOrderId),
    name: clientOrderId,
    sent: sentMs,
    took: tookMs,
    method,
    path: kept(path),
    body: body === null ? null : kept(body),
    status,
    answer: kept(answer),
  }));
  await client.query(
    `INSERT INTO signalbox.venue_requests (session_id, sequence, client_order_id, sent_at, took_ms, method, path, body,
                                           status, answer)
     SELECT $1, sequence, name, to_timestamp(sent / 1000), took, method, path, body, status, answer
     FROM json_to_recordset($2) AS added (sequence bigint, name text, sent float8, took float8, method text, path text,
                                          body text, status integer, answer text)`,
    [sessionId, JSON.stringify(rows)],
  );
}

/** A request as it is stored. */
export interface StoredRequest {
  readonly sentAt: Date;
  readonly tookMs: number;
  readonly clientOrderId: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly status: number | null;
  readonly answer: string;
}

/** The newest requests about one order, in the order in which they left; of all a session's where none is named. */
export async function readRequests(
  client: Queryable,
  sessionId: string,
  { sequence, limit }: { readonly sequence?: number; readonly limit: number },
): Promise<StoredRequest[]> {
  const { rows } = await client.query<StoredRequest>(
    `SELECT sent_at AS "sentAt", took_ms AS "tookMs", client_order_id AS "clientOrderId", method, path, body, status,
            answer
     FROM signalbox.venue_requests WHERE session_id = $1 AND ($2::bigint IS NULL OR sequence = $2)
     ORDER BY sent_at DESC, id DESC LIMIT $3`,
    [sessionId, sequence ?? null, limit],
  );
  return rows.reverse();
}

/** Requests from before a moment: how many there are. */
export async function countRequestsBefore(client: Queryable, before: Date): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM signalbox.venue_requests WHERE sent_at < $1',
    [before],
  );
  return rows[0]!.count;
}

/** Removes them. Returns how many there were. */
export async function forgetRequestsBefore(client: Queryable, before: Date): Promise<number> {
  const { rowCount } = await client.query('DELETE FROM signalbox.venue_requests WHERE sent_at < $1', [before]);
  return rowCount ?? 0;
}
