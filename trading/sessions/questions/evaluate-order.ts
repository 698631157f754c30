import { SignalboxError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { systemSleep, type Sleep } from '../../../infra/sleep.ts';
import { paidShare } from '../../journal/journal-store.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import { remedyOf } from '../../refusal-remedy.ts';
import { takingSession } from '../operators/ask-order.ts';
import { answerTo, askQuestion, forgetQuestion } from './question-store.ts';

const LOOK_MS = 10;
/** Looks before it is said that the session has not answered: 10 s. */
const LOOKS_MAX = 1_000;

/** What is asked about, of which session. */
export interface Evaluating {
  readonly session: string;
  readonly order: AskedPlace;
  readonly signal?: AbortSignal;
}

/**
 * What the risk of a session that runs would say to an order now. Nothing is placed, and nothing is recorded. Values
 * are in the currency of the account. The fee is what the session's last fills have cost of their value; null before
 * the first.
 * @throws InputError for a session or symbol that there is not, or that does not run
 * @throws SignalboxError where the session does not answer
 */
export async function evaluateOrder(
  database: Pick<Database, 'pool'>,
  { session: id, order, signal }: Evaluating,
  sleep: Sleep = systemSleep,
) {
  const { pool } = database;
  await takingSession(database, id, order);
  const question = await askQuestion(pool, id, order);
  try {
    for (let look = 0; look < LOOKS_MAX; look++) {
      const verdict = await answerTo(pool, question);
      if (verdict === undefined) {
        await sleep(LOOK_MS, signal);
        continue;
      }
      const { equity, price, held, outcome } = verdict;
      const books = { session: id, symbol: order.symbol, equity, lastPrice: price, held };
      if (outcome.is === 'refused') {
        const { stage, code, reason } = outcome;
        return { ...books, outcome: 'refused', ...NOTHING, refusal: { stage, code, reason, remedy: remedyOf(code) } };
      }
      const { quantity, price: at, reduces, clippedBy, inParts } = outcome;
      const value = quantity * at;
      const share = await paidShare(pool, id);
      return {
        ...books,
        outcome: 'approved',
        quantity,
        value,
        shareOfEquity: equity > 0 ? value / equity : null,
        fee: share === null ? null : value * share,
        reduces,
        inParts,
        clippedBy,
        refusal: null,
      };
    }
  } finally {
    await forgetQuestion(pool, question);
  }
  throw new SignalboxError(`Session "${id}" has not answered within ${(LOOKS_MAX * LOOK_MS) / 1_000} s.`, {
    remedy: 'It may be catching up on bars: ask again, or look at its log.',
  });
}

const NOTHING = {
  quantity: null,
  value: null,
  shareOfEquity: null,
  fee: null,
  reduces: null,
  inParts: null,
  clippedBy: null,
} as const;
