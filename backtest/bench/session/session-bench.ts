import { barAt, createBarColumns, sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import type { Instrument } from '../../../features/instrument.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { FeedEvent } from '../../../pipelines/feeds/feed-event.ts';
import { simulatedBroker } from '../../../trading/brokers/simulated/simulated-broker.ts';
import type { LiveTail } from '../../../trading/sessions/live-bars.ts';
import { runPaper } from '../../../trading/sessions/paper-command.ts';
import type { Replay } from '../../../trading/sessions/replay.ts';
import { deleteSession } from '../../../trading/sessions/session-store.ts';
import { ruleSignal, type Strategy } from '../../../trading/strategies/strategy.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import type { BenchContext, Now } from '../benchmark.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { minuteBars } from '../peer-data.ts';

const BARS = 10_000;
/** The session that is measured; its record stays until it is measured again. */
export const BENCH_SESSION = 'bench-session';

/** Bought and sold in turn: an order, its fill and its ledger entries at every bar. */
export const alternating: Strategy = {
  name: 'alternating',
  parameters: {},
  forSymbol: () => {
    const buy = ruleSignal('BUY', 'odd bar');
    const sell = ruleSignal('SELL', 'even bar');
    return { decide: (view) => (view.length % 2 === 1 ? buy : sell), save: () => null, restore: () => undefined };
  },
};

/** A feed whose bars all wait already: what is measured is the session. */
function tailOf(bars: BarColumns): LiveTail {
  return {
    decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
    lateBars: () => 0,
    actions: () => Promise.resolve([]),
    observe: () => Promise.resolve(null),
    open: async function* (): AsyncGenerator<FeedEvent> {
      for (let row = 0; row < bars.length; row++) {
        yield { kind: 'bar', symbol: bars.symbol, bar: barAt(bars, row), origin: 'stream', lastOfClose: true };
      }
    },
  };
}

/** What a session of a benchmark trades: one symbol, a unit each time, without limits. */
export function benchReplay(
  bars: BarColumns,
  { id, strategy, capital }: { readonly id: string; readonly strategy: Strategy; readonly capital: number },
): Replay {
  const { symbol } = bars;
  const instrument: Instrument = { symbol, assetClass: 'simulated', currency: 'USD', tick: 0.01, lot: 1, sector: null };
  return {
    options: {
      instruments: [instrument],
      strategy,
      sizing: { kind: 'units', units: 1 },
      limits: NAMED_LIMITS.unbounded,
      broker: simulatedBroker({ feeBps: 5 }),
      capital,
    },
    bars: [bars],
    session: { id, kind: 'paper', symbols: [symbol], capital, definition: {} },
  };
}

/** The same, whose bars come by a feed. */
function liveReplay(bars: BarColumns, strategy: Strategy): Replay {
  const empty = createBarColumns(bars.symbol, 0);
  return { ...benchReplay(empty, { id: BENCH_SESSION, strategy, capital: 1e9 }), live: tailOf(bars) };
}

/** Runs one live session over `bars`, from lease to end; bars a second with all of it in PostgreSQL. */
async function measure(
  database: Database,
  bars: BarColumns,
  { name, strategy, now }: { readonly name: string; readonly strategy: Strategy; readonly now: Now },
): Promise<BenchmarkResult> {
  await deleteSession(database.pool, BENCH_SESSION);
  // A context for tests: no part of what is installed for use.
  const { databaseContext } = await import('../../../infra/testing/command-context.ts');
  const started = now();
  const { value } = await runPaper(databaseContext(database), { speed: 'max' }, () =>
    Promise.resolve(liveReplay(bars, strategy)),
  );
  const seconds = (now() - started) / 1000;
  const { fills, journalHash } = value as { readonly fills: number; readonly journalHash: string };
  const work = `${bars.length} closes of one symbol that wait already, recorded, ${fills} fills`;
  const checks = { fills, journalHash };
  return { name: `session ${name}`, work, seconds, runs: 1, rate: bars.length / seconds, unit: 'bars/s', checks };
}

/** Bars a second that a live session commits. */
export async function benchSession({ now, database }: Omit<BenchContext, 'note'>): Promise<BenchmarkResult[]> {
  const opened = await database();
  const bars = sliceBarColumns(minuteBars(), 0, BARS);
  const cross = createRuleStrategy('sma-cross', { fast: 10, slow: 30 });
  return [
    await measure(opened, bars, { name: 'sma-cross', strategy: cross, now }),
    await benchOrderedBars({ now, database }),
  ];
}

/** Bars a second that a live session commits with an order at each of `count`. */
export async function benchOrderedBars(
  { now, database }: Omit<BenchContext, 'note'>,
  count = BARS,
): Promise<BenchmarkResult> {
  const bars = sliceBarColumns(minuteBars(), 0, count);
  return measure(await database(), bars, { name: 'an order at every bar', strategy: alternating, now });
}
