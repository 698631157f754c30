import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** An answer that was given. */
export interface KeptAnswer {
  readonly status: number;
  readonly answer: string;
}

/** What a key stands for: new, being done, done for the same request, or taken for another. */
export type KeyUse = { readonly is: 'new' | 'under-way' | 'other' } | ({ readonly is: 'done' } & KeptAnswer);

interface Keyed {
  readonly client: string;
  readonly key: string;
}

/** Takes a key for a request, once. @param asked hash of all that the request says */
export async function takeKey(
  client: Queryable,
  { client: whose, key }: Keyed,
  asked: string,
  at: Date,
): Promise<KeyUse> {
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.idempotency_keys (client, key, asked, asked_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (client, key) DO NOTHING`,
    [whose, key, asked, at],
  );
  if (rowCount === 1) return { is: 'new' };
  const { rows } = await client.query<{ asked: string; status: number | null; answer: string | null }>(
    'SELECT asked, status, answer FROM signalbox.idempotency_keys WHERE client = $1 AND key = $2',
    [whose, key],
  );
  const [found] = rows;
  if (found === undefined) return { is: 'under-way' };
  if (found.asked !== asked) return { is: 'other' };
  if (found.status === null) return { is: 'under-way' };
  return { is: 'done', status: found.status, answer: found.answer! };
}

export async function keepAnswer(client: Queryable, { client: whose, key }: Keyed, answer: KeptAnswer): Promise<void> {
  await client.query('UPDATE signalbox.idempotency_keys SET status = $3, answer = $4 WHERE client = $1 AND key = $2', [
    whose,
    key,
    answer.status,
    answer.answer,
  ]);
}

/** What was not done may be asked again by the same key. */
export async function giveKeyBack(client: Queryable, { client: whose, key }: Keyed): Promise<void> {
  await client.query('DELETE FROM signalbox.idempotency_keys WHERE client = $1 AND key = $2', [whose, key]);
}

export async function forgetKeys(client: Queryable, before: Date): Promise<void> {
  await client.query('DELETE FROM signalbox.idempotency_keys WHERE asked_at < $1', [before]);
}
