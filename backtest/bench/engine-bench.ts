import { z } from 'zod';
import type { BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import { MemoryJournal } from '../../trading/journal/memory-journal.ts';
import { OrderRegister } from '../../trading/orders/order-register.ts';
import { Portfolio } from '../../trading/portfolio/portfolio.ts';
import { RiskManager } from '../../trading/risk/risk-manager.ts';
import type { Peer } from './peers.ts';
import type { ProtectionRule } from '../../trading/risk/protection.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import { ruleSignal, type Strategy } from '../../trading/strategies/strategy.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import { simulatedBroker } from '../../trading/brokers/simulated/simulated-broker.ts';

/** A measurement in the shape of `bench --json`. */
export interface EngineBenchmark {
  readonly name: string;
  readonly work: string;
  /** Median over the runs. */
  readonly seconds: number;
  readonly runs: number;
  readonly rate: number;
  readonly unit: string;
  /** Figures that prove that the work was done. */
  readonly checks: Readonly<Record<string, number | string>>;
}

export interface EngineBenchmarkOptions {
  /** Milliseconds with as many decimals as there are. */
  readonly now: () => number;
  readonly runs?: number;
}

const instrumentOf = (symbol: string, sector: string | null = null): Instrument => ({
  symbol,
  assetClass: 'simulated',
  currency: 'USD',
  tick: 0.01,
  lot: 1,
  sector,
});

/**
 * SMA(10)/SMA(30) cross over `bars`, all in, next open, 5 bps, to equity curve, ledger and journal hash. Where it
 * crosses is found in each run: that is part of the work.
 */
export function benchBacktest(bars: BarColumns, options: EngineBenchmarkOptions): EngineBenchmark {
  return benchCross(bars, options, null);
}

/**
 * The same cross with a stop 1 % below and a target 2 % above each entry, which rest at the venue while the position is
 * open.
 */
export function benchBracket(bars: BarColumns, options: EngineBenchmarkOptions): EngineBenchmark {
  return benchCross(bars, options, {
    stopLoss: { percent: 0.01 },
    takeProfit: { percent: 0.02 },
    trailing: null,
  });
}

function benchCross(
  bars: BarColumns,
  options: EngineBenchmarkOptions,
  protection: ProtectionRule | null,
): EngineBenchmark {
  const run = (): SessionResult & { entries: number } => {
    const result = runHistoricalSession({
      ...base(bars),
      strategy: createRuleStrategy('sma-cross', { fast: 10, slow: 30 }),
      sizing: { kind: 'all-in' },
      protection: protection ?? undefined,
    });
    // The ledger's objects are built when asked for: asking is part of the work.
    return Object.assign(result, { entries: result.ledger.length });
  };
  const { seconds, runs, last } = measure(run, options);
  const guarded = protection === null ? '' : ', a bracket of 1 % and 2 % resting';
  return {
    name: protection === null ? 'backtest' : 'backtest with a bracket',
    work: `SMA(10)/SMA(30) cross, all in, next open, 5 bps${guarded}, ${bars.length} bars`,
    seconds,
    runs,
    rate: bars.length / seconds,
    unit: 'bars/s',
    checks: {
      trades: last.entries,
      finalEquity: last.equity.at(-1) ?? last.initialCapital,
      journalHash: last.journalHash,
    },
  };
}

/** An order at every bar: bought and sold in turn, one unit, through risk, broker, portfolio and journal. */
export function benchOrders(bars: BarColumns, options: EngineBenchmarkOptions): EngineBenchmark {
  const run = (): ReturnType<typeof runHistoricalSession> =>
    runHistoricalSession({
      ...base(bars),
      strategy: alternating,
      sizing: { kind: 'units', units: 1 },
      journal: new MemoryJournal([bars.symbol]),
    });
  const { seconds, runs, last } = measure(run, options);
  return {
    name: 'orders',
    work: `${last.fills} orders through risk, simulated broker, portfolio and in-memory journal with its hash`,
    seconds,
    runs,
    rate: last.fills / seconds,
    unit: 'orders/s',
    checks: { fills: last.fills, trades: last.ledger.length, journalHash: last.journalHash },
  };
}

/**
 * One decision with every limit of the standard set on and 50 open positions, in a universe of 50 symbols and in one of
 * 5,000: nanoseconds, the clock's own cost included.
 */
export function benchRisk(options: EngineBenchmarkOptions & { readonly decisions?: number }): EngineBenchmark {
  const { decisions = 200_000 } = options;
  // A round before the one that is told, as everywhere: while the code is compiled, p99 is 4,100 ns instead of 900.
  for (const symbols of [50, 5_000]) decide(options, symbols, decisions);
  const few = decide(options, 50, decisions);
  const many = decide(options, 5_000, decisions);
  const { approved, medianNs, p99Ns } = few;
  return {
    name: 'risk',
    work: 'one risk decision with every limit on, 50 open positions',
    seconds: medianNs / 1e9,
    runs: decisions,
    rate: medianNs,
    unit: 'ns median',
    checks: {
      approved,
      refused: decisions - approved,
      p99Ns,
      medianNsOf5000Symbols: many.medianNs,
      p99NsOf5000Symbols: many.p99Ns,
    },
  };
}

function decide(
  { now }: EngineBenchmarkOptions,
  symbols: number,
  decisions: number,
): { readonly approved: number; readonly medianNs: number; readonly p99Ns: number } {
  const risk = fiftyPositions(symbols);
  const samples = new Float64Array(decisions);
  let approved = 0;
  for (let decision = 0; decision < decisions; decision++) {
    const timeMs = decision * 1_000;
    const symbol = decision % symbols;
    const targetUnits = decision % 3 === 0 ? 200 : 90;
    const start = now();
    const decided = risk.assess({ timeMs, symbol, targetUnits, atFill: false, price: 100 });
    samples[decision] = (now() - start) * 1e6;
    if (decided.kind === 'order') approved += 1;
    risk.release(symbol);
  }
  samples.sort();
  return { approved, medianNs: samples[decisions >> 1]!, p99Ns: samples[Math.floor(decisions * 0.99)]! };
}

function base(
  bars: BarColumns,
): Pick<HistoricalSessionOptions, 'bars' | 'instruments' | 'limits' | 'broker' | 'capital'> {
  const instruments = [instrumentOf(bars.symbol)];
  return {
    bars: [bars],
    instruments,
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5 }),
    capital: 1e9,
  };
}

const alternating: Strategy = {
  name: 'alternating',
  parameters: {},
  forSymbol: () => {
    const buy = ruleSignal('BUY', 'odd bar');
    const sell = ruleSignal('SELL', 'even bar');
    return { decide: (view) => (view.length % 2 === 1 ? buy : sell) };
  },
};

/**
 * Symbols in 10 sectors, of which 50 are long 80 units at 100 of an equity of 1,000,000: below every limit, some
 * targets above.
 */
function fiftyPositions(symbols: number): RiskManager {
  const instruments = Array.from({ length: symbols }, (_, at) => instrumentOf(`S${at}`, `sector ${at % 10}`));
  const portfolio = new Portfolio(instruments, 1_000_000);
  instruments.forEach((_, at) => {
    const symbol = (at * symbols) / 50;
    portfolio.price[at] = 100;
    if (at >= 50) return;
    const trade = { sequence: symbol + 1, timeMs: 0, symbol, quantity: 80, price: 100, fee: 0, slippage: 0 };
    portfolio.book({ kind: 'fill', ...trade, final: true });
  });
  portfolio.mark({ timeMs: 0 });
  const limits = { ...NAMED_LIMITS.standard, positionFraction: 0.01 };
  return new RiskManager({ limits, portfolio, instruments, orders: new OrderRegister(), dayOf: () => 0 });
}

function measure<T>(run: () => T, options: EngineBenchmarkOptions): { seconds: number; runs: number; last: T } {
  const { now, runs = 5 } = options;
  const seconds: number[] = [];
  let last = run();
  for (let turn = 0; turn < runs; turn++) {
    const start = now();
    last = run();
    seconds.push((now() - start) / 1000);
  }
  seconds.sort((a, b) => a - b);
  return { seconds: seconds[runs >> 1]!, runs, last };
}

const figuresSchema = z.looseObject({ bars: z.number(), wall_warm_s: z.number().positive() });

/**
 * vectorbt by its faster engine (Rust where it can; forced everywhere, it refuses its own shifted signals) over the
 * same bars, to trades and total return: no orders one by one, no journal. Beside our plain cross. Its record of many
 * more statistics is no counterpart.
 */
export const BACKTEST_PEERS: readonly Peer[] = [
  {
    script: 'bt_vectorbt.py',
    args: ['auto', 'signals'],
    module: 'vectorbt',
    requirements: 'requirements-main.txt',
    beside: 0,
    figures: (record) => {
      if (!record.name.endsWith('total_return')) return null;
      const { bars, wall_warm_s: seconds } = figuresSchema.parse(record);
      return { seconds, rate: bars / seconds };
    },
  },
];
