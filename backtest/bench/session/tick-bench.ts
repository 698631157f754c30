import type { BarColumns } from '../../../features/bar.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { Effect } from '../../../trading/effect.ts';
import { Engine } from '../../../trading/engine/engine.ts';
import { MemoryJournal } from '../../../trading/journal/memory-journal.ts';
import { createMarket, createMarketStep } from '../../../trading/market.ts';
import { createSizer } from '../../../trading/risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../../../trading/signals/signal-validator.ts';
import { ruleSignal, type Strategy } from '../../../trading/strategies/strategy.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { panelBars } from '../peer-data.ts';

const SYMBOLS = 50;
/** Quotes that each move their market away from an order, and then those that move none. */
const MOVING = 100_000;
const QUIET = 3_600_000;
const TICK = 0.01;
const SECOND_MS = 1_000;
const SIZES = { bidSize: 100, askSize: 100 };

const buys: Strategy = {
  name: 'buys',
  parameters: {},
  forSymbol: () => {
    const buy = ruleSignal('BUY', 'begins to chase');
    return { decide: () => buy };
  },
};

export interface TickBenchOptions {
  readonly now: () => number;
  /** Bytes that the process has taken at most, so far. */
  readonly peakRssMb: () => number;
  readonly moving?: number;
  readonly quiet?: number;
}

/**
 * A quote in, an order out: 50 symbols, in each of which an order follows its market. A quote that moves it ends the
 * limit that rests (its venue says so at once), and the next one passes risk and is recorded. After that a day of
 * quotes, 3.6 million, that move nothing: what the process takes does not grow.
 */
export function benchTick({ now, peakRssMb, moving = MOVING, quiet = QUIET }: TickBenchOptions): BenchmarkResult[] {
  const market = new QuotedMarket();
  // A round before the one that is told, as everywhere.
  market.move(Math.min(moving, 20_000), now);
  const micros = market.move(moving, now);
  const quantile = (share: number): number => micros[Math.floor(share * (micros.length - 1))]!;
  market.rest(Math.ceil(quiet / 10));
  const before = peakRssMb();
  const started = now();
  market.rest(quiet);
  const seconds = (now() - started) / 1000;
  const peakGrowthMb = Math.round((peakRssMb() - before) * 10) / 10;
  const checks = { orders: market.orders, journalHash: market.journal.hash() };
  const order = 'quote in, the resting limit cancelled, the next one through risk and on record';
  const latency = { p99Us: quantile(0.99), p999Us: quantile(0.999), ...checks };
  return [
    {
      name: 'tick',
      work: `${order}, ${SYMBOLS} symbols`,
      seconds: quantile(0.5) / 1e6,
      runs: moving,
      rate: quantile(0.5),
      unit: 'us median',
      checks: latency,
    },
    {
      name: 'tick, nothing to do',
      work: `${quiet} quotes beside ${SYMBOLS} resting orders that they leave as they are`,
      seconds,
      runs: 1,
      rate: quiet / seconds,
      unit: 'quotes/s',
      checks: { peakGrowthMb },
    },
  ];
}

/** An engine whose orders chase their markets, and a venue that does at once what it is told. */
class QuotedMarket {
  readonly journal: MemoryJournal;
  orders = 0;
  readonly #engine: Engine;
  readonly #bid = new Float64Array(SYMBOLS);
  #cancelled = 0;
  #timeMs = 0;
  #next = 0;

  constructor() {
    const bars = panelBars(SYMBOLS, 2);
    const symbols = bars.map(({ symbol }) => symbol);
    const about = { assetClass: 'simulated', currency: 'USD', tick: TICK, lot: 1, sector: null } as const;
    const market = createMarket(
      bars,
      symbols.map((symbol) => ({ symbol, ...about })),
    );
    this.journal = new MemoryJournal(symbols, { keep: false });
    this.#engine = new Engine({
      market,
      strategy: buys,
      sizer: createSizer({ kind: 'units', units: 10 }, { symbols: SYMBOLS, barsPerYear: 252 }),
      rules: OPEN_SIGNAL_RULES,
      limits: NAMED_LIMITS.unbounded,
      capital: 1e9,
      dayOf: () => 0,
      execution: { entry: { kind: 'chase', maxSlippageBps: 5_000, withinMinutes: 30 * 24 * 60 } },
    });
    this.#engine.tell((effect) => this.#hear(effect));
    this.#open(bars, market);
  }

  /** The first bar closes, and every symbol's order begins. */
  #open(bars: readonly BarColumns[], market: ReturnType<typeof createMarket>): void {
    const step = createMarketStep(SYMBOLS);
    step.kind = 'close';
    step.count = SYMBOLS;
    step.timeMs = this.#timeMs = bars[0]!.closeTimeMs[0]!;
    for (let symbol = 0; symbol < SYMBOLS; symbol++) {
      market.series[symbol]!.last = 0;
      step.symbols[symbol] = symbol;
      step.index[symbol] = 0;
      this.#bid[symbol] = bars[symbol]!.close[0]!;
    }
    this.#engine.onClose(step);
    if (this.orders !== SYMBOLS) throw new Error(`${this.orders} of ${SYMBOLS} orders began`);
  }

  /** `quotes` that each raise a bid by a tick, in turn; microseconds from each to its order, sorted. */
  move(quotes: number, now: () => number): Float64Array {
    const micros = new Float64Array(quotes);
    const before = this.orders;
    for (let quote = 0; quote < quotes; quote++) {
      const symbol = this.#turn();
      this.#bid[symbol]! += TICK;
      const started = now();
      this.#quote(symbol, this.#bid[symbol]!);
      this.#confirm();
      micros[quote] = (now() - started) * 1000;
    }
    const orders = this.orders - before;
    if (orders !== quotes) throw new Error(`${quotes} quotes that move a market led to ${orders} orders`);
    return micros.sort();
  }

  /** `quotes` at or below the bids that the orders rest at. */
  rest(quotes: number): void {
    const before = this.orders;
    for (let quote = 0; quote < quotes; quote++) {
      const symbol = this.#turn();
      this.#quote(symbol, this.#bid[symbol]! - (quote % 7) * TICK);
    }
    if (this.orders !== before) throw new Error(`${this.orders - before} orders came of quotes that move nothing`);
  }

  #turn(): number {
    this.#next = (this.#next + 1) % SYMBOLS;
    this.#timeMs += SECOND_MS / SYMBOLS;
    return this.#next;
  }

  #quote(symbol: number, bid: number): void {
    this.#engine.handle({ kind: 'quote', symbol, timeMs: this.#timeMs, bid, ask: bid + TICK, ...SIZES });
  }

  /** The venue's word that what was cancelled has ended. */
  #confirm(): void {
    const sequence = this.#cancelled;
    const about = { sequence, timeMs: this.#timeMs, code: null, value: 0, limit: 0 };
    this.#engine.handle({ kind: 'order-update', state: 'CANCELED', ...about });
  }

  #hear(effect: Effect): void {
    this.journal.append(effect);
    if (effect.kind === 'order') this.orders += 1;
    else if (effect.kind === 'cancel') this.#cancelled = effect.sequence;
  }
}
