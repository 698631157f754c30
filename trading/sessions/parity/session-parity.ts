import type { JournalEntry } from '../../journal/journal-record.ts';
import { KeptJournal } from '../../journal/kept-journal.ts';
import type { Silence } from '../../strategies/own/silence.ts';
import type { Costs } from '../../brokers/simulated/cost-model.ts';
import type { Clock } from '../../../infra/clock.ts';
import type { Market } from '../../market.ts';
import type { SessionOptions } from '../historical-session.ts';
import type { ClosedBars } from '../replayed-feed.ts';
import type { TakenCommand } from '../record/taken-command.ts';
import { runPaperSession } from '../streaming-session.ts';
import { compareBooks, DIFFERENCES, type DifferenceClass, type ParityDifference } from './compare-books.ts';
import { estimateCosts, type CostEstimate } from './cost-estimate.ts';
import { parityBooks, parityMarket, type ParityMarket } from './parity-books.ts';

/** A session beside the backtest of the same bars. Amounts are in currency, at the last close. */
export interface SessionParity {
  readonly session: string;
  /** The last close that both have seen. */
  readonly asOf: string;
  readonly orders: { readonly session: number; readonly backtest: number };
  readonly equity: { readonly session: number; readonly backtest: number };
  /** What the session has less; below 0 where it has more. */
  readonly cost: number;
  readonly byClass: Readonly<Record<DifferenceClass, { readonly count: number; readonly cost: number }>>;
  /** What no order accounts for: dividends and costs of holding on positions that differ. */
  readonly rest: number;
  readonly costs: CostEstimate;
  /** The dearest ones where there are more than 1,000. */
  readonly differences: readonly ParityDifference[];
}

export interface ParityInput {
  readonly sessionId: string;
  /** Its records, in order. */
  readonly entries: Iterable<JournalEntry>;
  /** What it trades, by which rules, at a simulated broker. */
  readonly options: SessionOptions;
  /** The bars that it was given, up to its last. */
  readonly feed: AsyncIterable<ClosedBars>;
  /** What operators told it, by step. */
  readonly commands: (step: number) => readonly TakenCommand[];
  /** Code that did not answer in the session, and is not asked again. */
  readonly silences?: readonly Silence[] | undefined;
  readonly costs?: Costs | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

const LISTED_MAX = 1_000;

/**
 * Runs what a session was given through a simulated broker, and compares order by order. Nothing is stored by it.
 * @throws what the strategy throws
 */
export async function sessionParity(input: ParityInput): Promise<SessionParity> {
  const { options, sessionId } = input;
  const symbols = options.instruments.map(({ symbol }) => symbol);
  const { market, journal, endMs } = await backtestOf(input, symbols);
  const backtest = parityBooks(journal.entries(), market, options.capital);
  const session = parityBooks(until(input.entries, endMs), market, options.capital);
  const { pairs, differences } = compareBooks(session, backtest, { market, symbols });
  const byClass = Object.fromEntries(
    DIFFERENCES.map((name) => {
      const own = differences.filter((one) => one.class === name);
      return [name, { count: own.length, cost: own.reduce((sum, { cost }) => sum + cost, 0) }];
    }),
  ) as SessionParity['byClass'];
  const explained = differences.reduce((sum, { cost }) => sum + cost, 0);
  const cost = backtest.equity - session.equity;
  const rest = cost - explained;
  return {
    session: sessionId,
    asOf: new Date(endMs).toISOString(),
    orders: { session: session.orders.length, backtest: backtest.orders.length },
    equity: { session: session.equity, backtest: backtest.equity },
    cost,
    byClass,
    // Sums of many products: below that they are rounding.
    rest: Math.abs(rest) < 1e-9 * Math.max(1, Math.abs(backtest.equity)) ? 0 : rest,
    costs: estimateCosts(pairs, market, input.costs),
    differences: dearest(differences),
  };
}

/** What came after the last close that both have seen, such as executions of a bar that is under way, waits. */
function* until(entries: Iterable<JournalEntry>, endMs: number): Generator<JournalEntry> {
  for (const entry of entries) if (entry.timeMs <= endMs) yield entry;
}

function dearest(differences: readonly ParityDifference[]): readonly ParityDifference[] {
  if (differences.length <= LISTED_MAX) return differences;
  const byCost = [...differences].sort((a, b) => Math.abs(b.cost) - Math.abs(a.cost)).slice(0, LISTED_MAX);
  return byCost.sort((a, b) => (a.time < b.time ? -1 : 1));
}

async function backtestOf(
  { options, sessionId, feed, commands, clock, signal, silences }: ParityInput,
  symbols: readonly string[],
): Promise<{ market: ParityMarket; journal: KeptJournal; endMs: number }> {
  const journal = new KeptJournal(symbols, silences);
  let seen: Market | null = null;
  const end = { ms: 0 };
  await runPaperSession({
    ...options,
    broker: (parts) => {
      seen = parts.market;
      return options.broker(parts);
    },
    sessionId,
    feed: noted(feed, end),
    journal,
    commands: { begun: Infinity, replayed: commands, take: () => Promise.resolve([]) },
    clock,
    ...(signal === undefined ? {} : { signal }),
  });
  return { market: parityMarket(seen!), journal, endMs: end.ms };
}

async function* noted(feed: AsyncIterable<ClosedBars>, end: { ms: number }): AsyncGenerator<ClosedBars> {
  for await (const closed of feed) {
    end.ms = Math.max(end.ms, closed.closeTimeMs);
    yield closed;
  }
}
