import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createBarColumns } from '../../../features/bar.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { preciseClock } from '../../../infra/clock.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { FeedEvent } from '../../../pipelines/feeds/feed-event.ts';
import { AlpacaBroker } from '../../../trading/brokers/alpaca/alpaca-broker.ts';
import { simulatedBroker } from '../../../trading/brokers/simulated/simulated-broker.ts';
import { tapedBroker } from '../../../trading/brokers/venue/request-tape.ts';
import type { VenueBroker } from '../../../trading/brokers/venue/venue-broker.ts';
import { sequenceOf } from '../../../trading/orders/client-order-id.ts';
import type { PlaceOrder } from '../../../trading/orders/order-request.ts';
import { DEFAULT_DEGRADATION } from '../../../trading/risk/degradation/degradation-table.ts';
import { latencyFigures } from '../../../trading/sessions/latency/latency-store.ts';
import type { LiveTail } from '../../../trading/sessions/live-bars.ts';
import { runPaper } from '../../../trading/sessions/paper-command.ts';
import type { Replay } from '../../../trading/sessions/replay.ts';
import { deleteSession } from '../../../trading/sessions/session-store.ts';
import type { VenueInput } from '../../../trading/sessions/venue/venue-input.ts';
import { VenueInputStore } from '../../../trading/sessions/venue/venue-input-store.ts';
import { HOLD, type Strategy, type StrategyAction } from '../../../trading/strategies/strategy.ts';
import type { BenchContext } from '../benchmark.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';

const SYMBOLS = Array.from({ length: 50 }, (_, at) => `S${String(at).padStart(2, '0')}`);
const ID = 'bench-order-out';
/** Between two closes of the market. */
const CLOSE_MS = 100;

/** Of one record each, as a measure of the machine. */
const BARE_COMMITS = 100;

const PATIENCE_MS = 60_000;
const CASH = '1000000000';

export interface OrderOutOptions extends Pick<BenchContext, 'database'> {
  /** That are measured, of one order each; of as many with 50 a seventh. */
  readonly closes?: number;
  /** Before those. */
  readonly warm?: number;
}

/** Buys one share more of `ordersAtOnce` symbols at each close, whatever became of the orders before. */
function inTurn(ordersAtOnce: number): Strategy {
  const every = SYMBOLS.length / ordersAtOnce;
  const buy: PlaceOrder = { do: 'place', label: '', side: 'buy', size: { units: 1 }, type: 'market' };
  return {
    name: 'in-turn',
    parameters: {},
    forSymbol: (symbol: string) => {
      const at = SYMBOLS.indexOf(symbol) % every;
      const orders = ({ length }: { readonly length: number }): readonly StrategyAction[] =>
        length % every === at ? [{ ...buy, label: `at-${length}` }] : [];
      return { decide: () => HOLD, orders, save: () => null, restore: () => undefined };
    },
  };
}

/**
 * A live session of 50 symbols at a venue that speaks Alpaca's protocol, in a thread of its own: milliseconds from the
 * last bar of a close until the request of an order leaves. Between them are the strategy, risk, and the commit of what
 * was decided to PostgreSQL. Orders are of one symbol a close, and of all 50 at one.
 */
export async function benchOrderOut({
  database,
  closes = 300,
  warm = 50,
}: OrderOutOptions): Promise<BenchmarkResult[]> {
  const opened = await database();
  const bare = await bareCommits(opened);
  const results: BenchmarkResult[] = [];
  for (const ordersAtOnce of [1, SYMBOLS.length]) {
    const ms = await measure(opened, {
      ordersAtOnce,
      closes: Math.ceil(closes / Math.sqrt(ordersAtOnce)),
      warm,
    });
    const quantile = (share: number): number => Math.round(1000 * ms[Math.floor(share * (ms.length - 1))]!) / 1000;
    results.push({
      name: ordersAtOnce === 1 ? 'order out' : `order out, ${ordersAtOnce} at once`,
      work: `last bar of a close in, request of an order out, ${SYMBOLS.length} symbols, orders of ${ordersAtOnce} of them`,
      seconds: quantile(0.5) / 1000,
      runs: ms.length,
      rate: quantile(0.99),
      unit: 'ms p99',
      checks: {
        medianMs: quantile(0.5),
        p99Ms: quantile(0.99),
        maxMs: quantile(1),
        ...bare,
        ...(await stepsOf(opened)),
      },
    });
  }
  return results;
}

/**
 * What no session can be faster than: one record of eight bytes is committed at the pace of the market, on the same
 * server, and nothing else is done.
 */
async function bareCommits({ pool }: Database): Promise<Record<string, number>> {
  const took: number[] = [];
  for (let commit = 0; commit < BARE_COMMITS; commit++) {
    await sleep(CLOSE_MS);
    const beganMs = preciseClock();
    await pool.query("SELECT pg_logical_emit_message(true, 'bench', 'a record')");
    took.push(preciseClock() - beganMs);
  }
  const sorted = Float64Array.from(took).sort();
  const quantile = (share: number): number => Math.round(1000 * sorted[Math.floor(share * (BARE_COMMITS - 1))]!) / 1000;
  return { bareCommitP50Ms: quantile(0.5), bareCommitP99Ms: quantile(0.99) };
}

/** Where the time goes: median and 99th percentile of each step, from the one before. */
async function stepsOf({ pool }: Database): Promise<Record<string, number>> {
  const rounded = (ms: number): number => Math.round(1000 * ms) / 1000;
  const steps = await latencyFigures(pool, ID);
  return Object.fromEntries(
    steps.flatMap(({ step, p50Ms, p99Ms }) => [
      [`${step}P50Ms`, rounded(p50Ms)],
      [`${step}P99Ms`, rounded(p99Ms)],
    ]),
  );
}

async function measure(
  database: Database,
  { ordersAtOnce, closes, warm }: { readonly ordersAtOnce: number; readonly closes: number; readonly warm: number },
): Promise<Float64Array> {
  await deleteSession(database.pool, ID);
  // Fakes of venues and a context for tests: no part of what is installed for use.
  const { databaseContext } = await import('../../../infra/testing/command-context.ts');
  const { STAND_IN_KEYS } = await import('../../../trading/testing/venue/stand-in-venue.ts');
  const thread = startVenue();
  const [tradingUrl] = (await once(thread, 'message')) as [string];
  const left: number[] = [];
  const stop = new AbortController();
  /** When the last bar of each close was handed to the session. */
  const inMs: number[] = [];
  const settings = { ...STAND_IN_KEYS, tradingUrl, requestsPerMinute: 1e9 };
  const alpaca = new AlpacaBroker(settings, { clock: preciseClock });
  const broker = tapedBroker(alpaca, ({ clientOrderId, method, sentMs }) => {
    // Each close leads to as many orders, numbered in turn.
    const close = Math.floor((sequenceOf(clientOrderId)! - 1) / ordersAtOnce);
    if (method === 'POST' && close >= warm) left.push(sentMs - inMs[close]!);
  });
  const due = closes * ordersAtOnce;
  const inputs = new VenueInputStore(database.pool, ID);
  async function* open(): AsyncGenerator<FeedEvent> {
    await until('the session trades', async () => (await inputs.read()).some(({ event }) => isConnected(event)));
    let openTimeMs = Math.floor(preciseClock());
    while (inMs.length < warm + closes) {
      await sleep(CLOSE_MS);
      const closeTimeMs = Math.floor(preciseClock());
      const prices = { open: 100, high: 100, low: 100, close: 100, volume: 1000 };
      for (const [at, symbol] of SYMBOLS.entries()) {
        const lastOfClose = at === SYMBOLS.length - 1;
        if (lastOfClose) inMs.push(preciseClock());
        yield { kind: 'bar', symbol, bar: { openTimeMs, closeTimeMs, ...prices }, origin: 'stream', lastOfClose };
      }
      openTimeMs = closeTimeMs;
    }
    await until(`${due} orders leave`, () => left.length >= due);
    stop.abort();
  }
  try {
    const context = databaseContext(database, { signal: stop.signal });
    const strategy = inTurn(ordersAtOnce);
    await runPaper(context, { speed: 'max' }, () => Promise.resolve(replayOf({ broker, strategy, open })));
  } finally {
    await thread.terminate();
  }
  if (left.length !== due) throw new Error(`${left.length} of ${due} orders left`);
  return Float64Array.from(left).sort();
}

/** The live session of 50 shares at `broker`, whose market is `open`. */
function replayOf(parts: {
  readonly broker: VenueBroker;
  readonly strategy: Strategy;
  readonly open: LiveTail['open'];
}): Replay {
  const { broker, strategy, open } = parts;
  // A venue that is slow on a busy machine is no reason to measure fewer orders.
  const degradation = { ...DEFAULT_DEGRADATION, latencyMsMax: PATIENCE_MS };
  const account = { id: ID, cash: CASH, equity: CASH, currency: 'USD', blocks: [], shorting: true };
  return {
    options: {
      instruments: SYMBOLS.map(shareOf),
      strategy,
      sizing: { kind: 'units', units: 1 },
      limits: { ...NAMED_LIMITS.unbounded, degradation },
      broker: simulatedBroker(),
      capital: Number(CASH),
    },
    bars: SYMBOLS.map((symbol) => createBarColumns(symbol, 0)),
    session: { id: ID, kind: 'paper', symbols: SYMBOLS, capital: Number(CASH), definition: {} },
    live: {
      decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
      lateBars: () => 0,
      actions: () => Promise.resolve([]),
      observe: () => Promise.resolve(null),
      open,
    },
    venue: { broker, account },
  };
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = preciseClock() + PATIENCE_MS;
  while (!(await holds())) {
    if (preciseClock() > endMs) throw new Error(`it never came to this: ${what}`);
    await sleep(10);
  }
}

const isConnected = (event: VenueInput['event']): boolean => event.kind === 'connectivity' && event.connected;

/** TypeScript needs its loader in every thread. What this one imports is not installed for use: it runs from source. */
function startVenue(): Worker {
  const loader = new URL('../../../infra/typescript/typescript-loader.mjs', import.meta.url).href;
  return new Worker(new URL('./order-out-venue.ts', import.meta.url), {
    workerData: SYMBOLS,
    execArgv: ['--import', loader],
  });
}

const shareOf = (symbol: string): Instrument => ({
  symbol,
  assetClass: 'equity',
  currency: 'USD',
  tick: 0.01,
  lot: 1,
  sector: null,
});
