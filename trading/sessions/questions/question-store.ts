import type pg from 'pg';
import type { AskedPlace } from '../../orders/asked-order.ts';
import type { RefusalCode, RefusalStage } from '../../refusal.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A session that has not answered by then never will: whoever asked has gone. */
const OPEN_SECONDS = 30;

/** What risk would say to an order, and the books that it rests on. */
export interface OrderVerdict {
  /** In the currency of the account; null where no price is known. */
  readonly equity: number;
  readonly price: number | null;
  /** Units held, with a sign. */
  readonly held: number;
  readonly outcome:
    | {
        readonly is: 'approved';
        readonly quantity: number;
        readonly price: number;
        readonly reduces: boolean;
        readonly clippedBy: RefusalCode | null;
        readonly inParts: boolean;
      }
    | { readonly is: 'refused'; readonly stage: RefusalStage; readonly code: RefusalCode; readonly reason: string };
}

/** A question that waits for its answer. */
export interface OpenQuestion {
  readonly id: number;
  readonly order: AskedPlace;
}

/** Asks a session what it would say to an order. Returns the number of the question. */
export async function askQuestion(client: Queryable, session: string, order: AskedPlace): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    'INSERT INTO signalbox.order_questions (session_id, asked) VALUES ($1, $2) RETURNING id::float8 AS id',
    [session, order],
  );
  return rows[0]!.id;
}

/** The answer to a question; undefined until there is one. */
export async function answerTo(client: Queryable, question: number): Promise<OrderVerdict | undefined> {
  const { rows } = await client.query<{ answer: OrderVerdict | null }>(
    'SELECT answer FROM signalbox.order_questions WHERE id = $1',
    [question],
  );
  return rows[0]?.answer ?? undefined;
}

/** Takes a question away, and those that were left: nothing of them is kept. */
export async function forgetQuestion(client: Queryable, question: number): Promise<void> {
  await client.query(
    `DELETE FROM signalbox.order_questions WHERE id = $1 OR asked_at < now() - interval '${OPEN_SECONDS} s'`,
    [question],
  );
}

/** Questions to a session that wait for their answers, oldest first. */
export async function openQuestions(client: Queryable, session: string): Promise<OpenQuestion[]> {
  const { rows } = await client.query<OpenQuestion>({
    name: 'open-questions',
    text: `SELECT id::float8 AS id, asked AS "order" FROM signalbox.order_questions
           WHERE session_id = $1 AND answer IS NULL ORDER BY id`,
    values: [session],
  });
  return rows;
}

/** Answers a question, where somebody still waits for it. */
export async function answerQuestion(client: Queryable, question: number, answer: OrderVerdict): Promise<void> {
  await client.query('UPDATE signalbox.order_questions SET answer = $2 WHERE id = $1', [question, answer]);
}
