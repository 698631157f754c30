import type pg from 'pg';
import type { Clock } from '../../../infra/clock.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import type { Engine } from '../../engine/engine.ts';
import { refusalReason } from '../../refusal.ts';
import type { PaperSessionOptions } from '../live/paper-session-options.ts';
import { answerQuestion, openQuestions, type OrderVerdict } from './question-store.ts';

/** How often questions are looked for: a person waits for the answer, and a session asks five times less for them. */
const LOOK_MS = 100;

/** Questions of what a session would say to orders. They are no commands: nothing of them is recorded or repeated. */
export class SessionQuestions {
  readonly #client: Pick<pg.ClientBase, 'query'>;
  readonly #session: string;
  readonly #clock: Clock;
  #lookedMs = -Infinity;

  constructor(client: Pick<pg.ClientBase, 'query'>, session: string, clock: Clock) {
    this.#client = client;
    this.#session = session;
    this.#clock = clock;
  }

  /** Answers what waits, by what `answer` says between two bars. */
  async take(answer: (order: AskedPlace) => OrderVerdict): Promise<void> {
    if (Math.abs(this.#clock() - this.#lookedMs) < LOOK_MS) return;
    this.#lookedMs = this.#clock();
    for (const { id, order } of await openQuestions(this.#client, this.#session)) {
      await answerQuestion(this.#client, id, answer(order));
    }
  }
}

/** What would become of an order that is asked for at that moment. */
export function verdictOn(
  { foresee, portfolio }: Pick<Engine, 'foresee' | 'portfolio'>,
  { instruments }: Pick<PaperSessionOptions, 'instruments'>,
  order: AskedPlace,
  timeMs: number,
): OrderVerdict {
  // Whoever asks knows the symbols of the session.
  const symbol = instruments.findIndex((one) => one.symbol === order.symbol);
  const last = portfolio.price[symbol]!;
  const books = { equity: portfolio.equity, price: last > 0 ? last : null, held: portfolio.quantity[symbol]! };
  const { kind, ...found } = foresee({ timeMs, symbol }, order);
  if (!('code' in found)) return { ...books, outcome: { is: 'approved', ...found } };
  const { code, value, limit } = found;
  return { ...books, outcome: { is: 'refused', stage: 'risk', code, reason: refusalReason(code, value, limit) } };
}
