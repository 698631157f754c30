import { MatchingReference } from './matching-reference.ts';
import { booksAlike, replaysAlike, tradedSession, type Traded } from './matching-session.ts';
import { apart } from './reference-book.ts';
import type { Scenario } from './reference-desk.ts';
import { UNIT } from './reference-risk.ts';

/** A millionth of a unit of currency: what floats may miss of exact amounts here. */
const NEAR = 1e-6;

/** What the engine and the slow reference disagree on first; null where they say the same of a scenario. */
export function disagreement(given: Scenario): {
  readonly fills: number;
  readonly orders: number;
  readonly why: string | null;
} {
  const traded = tradedSession(given);
  const { effects } = traded;
  const fills = effects.filter(({ kind }) => kind === 'fill').length;
  const orders = effects.filter(({ kind }) => kind === 'order').length;
  const reference = new MatchingReference(given).run();
  const why =
    fillsApart(traded, reference) ??
    lawBroken(given, traded, reference) ??
    endsApart(traded, reference, orders) ??
    shownApart(traded, reference) ??
    accountsApart(traded, reference) ??
    (given.disturbed ? disturbedApart(given, traded) : null);
  return { fills, orders, why };
}

function disturbedApart(given: Scenario, traded: Traded): string | null {
  if (!replaysAlike(given, traded)) return 'a replay of what was told does something else';
  return booksAlike(given, traded) ? null : 'executions in another order, and twice, leave other books';
}

function fillsApart({ effects }: Traded, reference: MatchingReference): string | null {
  const fills = effects.filter((effect) => effect.kind === 'fill');
  for (let at = 0; at < Math.max(fills.length, reference.fills.length); at++) {
    const [fill, plain] = [fills[at], reference.fills[at]];
    const same =
      fill !== undefined &&
      plain !== undefined &&
      fill.sequence === plain.seq &&
      fill.quantity === plain.units &&
      fill.timeMs === plain.timeMs &&
      apart(plain.price, fill.price) < NEAR &&
      apart(plain.fee, fill.fee) < NEAR;
    if (!same) return `fill ${at}: ${told(fill)}, not ${told(plain)}`;
  }
  return null;
}

const ODD_FILLS = ['overfill', 'late-fill', 'foreign-fill'];

/** No fill outside its bar but for the spread, none worse than its limit, nothing beyond what was ordered. */
function lawBroken({ costs }: Scenario, { effects }: Traded, { fills }: MatchingReference): string | null {
  const odd = effects.find((effect) => effect.kind === 'refusal' && ODD_FILLS.includes(effect.code));
  if (odd !== undefined) return `the engine was told of a fill that it had not ordered: ${told(odd)}`;
  const slack = (price: number): number => (price * costs.concessionBps) / 10_000 + 0.011;
  for (const { price, limit, dir, bar } of fills) {
    const [traded, [, high, low]] = [Number(price) / Number(UNIT), bar];
    const outside = traded > high + slack(high) || traded < low - slack(low);
    if (outside && costs.stopFill !== 'exact') return `a fill at ${traded} lies outside its bar ${low} to ${high}`;
    if (limit > 0n && (dir > 0 ? price > limit : price < limit)) return `a fill at ${traded} is beyond its limit`;
  }
  return null;
}

function endsApart({ effects }: Traded, reference: MatchingReference, orders: number): string | null {
  const ends = new Map<number, string>();
  for (const effect of effects) {
    if (effect.kind === 'fill' && effect.final) ends.set(effect.sequence, 'filled');
    if (effect.kind === 'order-update' && effect.state === 'CANCELED') ends.set(effect.sequence, 'cancelled');
  }
  for (let sequence = 1; sequence <= Math.max(orders, reference.ends.size); sequence++) {
    const [end, plain] = [ends.get(sequence), reference.ends.get(sequence)];
    if (end !== plain) return `order ${sequence} is ${end}, not ${plain}`;
  }
  return null;
}

function shownApart({ shown }: Traded, reference: MatchingReference): string | null {
  for (let at = 0; at < Math.max(shown.length, reference.shown.length); at++) {
    const [book, plain] = [shown[at], reference.shown[at]];
    const same =
      book !== undefined &&
      plain !== undefined &&
      book.units === plain.units &&
      apart(plain.cash, book.cash) < NEAR &&
      apart(plain.equity, book.equity) < NEAR;
    if (!same) return `book ${at} shows ${told(book)}, not ${told(plain)}`;
  }
  return null;
}

function accountsApart({ engine: { portfolio } }: Traded, { marks, books }: MatchingReference): string | null {
  const equity = portfolio.curve.equity();
  const miss = marks.findIndex((mark, at) => !(apart(mark.equity, equity[at]!) < NEAR));
  if (miss >= 0) return `equity ${miss} is ${equity[miss]}, not ${marks[miss]!.equity}`;
  if (!(apart(books.cash, portfolio.cash) < NEAR)) return `cash is ${portfolio.cash}, not ${books.cash}`;
  const other = books.held.findIndex((units, sym) => units !== portfolio.quantity[sym]);
  return other < 0 ? null : `of symbol ${other} ${portfolio.quantity[other]} are held, not ${books.held[other]}`;
}

function told(fill: object | undefined): string {
  return JSON.stringify(fill ?? null, (_, value: unknown) =>
    typeof value === 'bigint' ? Number(value) / 1e12 : value,
  );
}
