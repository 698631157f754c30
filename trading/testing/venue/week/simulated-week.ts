import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../../infra/clock.ts';
import { WAIT_MS } from '../../../../infra/testing/patience.ts';
import { createRandom, type Random } from '../../../../infra/random.ts';
import type { DatedAction } from '../../../../pipelines/adjustments/corporate-action.ts';
import { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import type { Effect } from '../../../effect.ts';
import { DEFAULT_PATIENCE } from '../../../execution/venue-patience.ts';
import type { ClosedBars, SymbolAction } from '../../../sessions/replayed-feed.ts';
import type { VenueEdge } from '../../../sessions/venue/venue-edge.ts';
import { share } from '../alpaca/alpaca-in-hand.ts';
import { emptyRecord, runKeptSession } from '../kept-session.ts';
import { failing, NO_FAULTS, statusFault, type FaultScript } from '../stand-in-faults.ts';
import { NEW_YORK_HOURS, type SplitRatio } from '../stand-in-market.ts';
import { STAND_IN_KEYS, StandInVenue } from '../stand-in-venue.ts';
import { weekBooks, type WeekBooks } from './week-books.ts';
import { splitMs, weekMoments, type OddWeek, type WeekMoment } from './week-plan.ts';
import { isEve, weekOrders, weekSignals } from './week-strategy.ts';

/** Both are split on the same day. */
const SYMBOLS = ['AAPL', 'MSFT'] as const;
const HALTED_SYMBOL = 1;
/** Moves of the price within a bar. */
const MOVES = 3;
/** How far the clock is put on between two looks at whether anything is under way. */
const NUDGE_MS = 2_000;

export interface WeekOptions {
  readonly week: OddWeek;
  readonly split: SplitRatio;
  readonly seed: number;
  /** What protects positions: a stop, a stop and a target, or orders of the strategy's own. */
  readonly exits: 'stop' | 'pair' | 'own';
  /** How long the venue's first answer about its clock is under way. At once by default. */
  readonly clockAnswerMs?: number;
}

const PROTECTION = {
  stop: { stopLoss: { percent: 0.02 }, takeProfit: null, trailing: null },
  pair: { stopLoss: { percent: 0.02 }, takeProfit: { percent: 0.02 }, trailing: null },
  own: undefined,
};

/** A session at the venue that stands in for Alpaca through a week whose clock is passed in. */
class SimulatedWeek {
  readonly notes: string[] = [];
  readonly effects: Effect[] = [];
  readonly #options: WeekOptions;
  readonly #random: Random;
  readonly #clock: { ms: number };
  readonly #venue: StandInVenue;
  readonly #moments: WeekMoment[];
  readonly #actions: readonly SymbolAction[];
  readonly #effectiveMs: number;
  #edge: VenueEdge | null = null;
  #brought = false;
  #maintained = false;

  constructor(
    options: WeekOptions,
    { venue, clock }: { readonly venue: StandInVenue; readonly clock: { ms: number } },
  ) {
    this.#options = options;
    this.#venue = venue;
    this.#random = createRandom(`week/${options.seed}`);
    this.#moments = weekMoments(options.week);
    this.#clock = clock;
    const { to, from } = options.split;
    const effectiveMs = splitMs(options.week);
    const action: DatedAction = {
      kind: 'split',
      value: Number(to) / Number(from),
      effectiveMs,
      knownAtMs: effectiveMs,
    };
    this.#actions = SYMBOLS.map((_, symbol) => ({ symbol, action }));
    this.#effectiveMs = effectiveMs;
  }

  async run(): Promise<WeekBooks> {
    const { week, seed, exits } = this.#options;
    const settings = { ...STAND_IN_KEYS, tradingUrl: this.#venue.url, requestsPerMinute: 1_000_000, deadlineMs: 5_000 };
    const clock = (): number => this.#clock.ms;
    await runKeptSession({
      broker: new AlpacaBroker(settings, { clock, stream: { pingMs: 1_000, pongMs: 1_000 } }),
      record: emptyRecord(),
      instruments: SYMBOLS.map(share),
      strategy: exits === 'own' ? weekOrders(splitMs(week)) : weekSignals(seed, splitMs(week)),
      protection: PROTECTION[exits],
      patience: { ...DEFAULT_PATIENCE, reconnectMs: 20 },
      notes: this.notes,
      clock,
      dueSplits: (nowMs) => Promise.resolve(nowMs > this.#effectiveMs ? this.#actions : []),
      onCommit: (effects) => void this.effects.push(...effects),
      onEdge: (edge) => (this.#edge = edge),
      next: () => this.#next(),
    });
    return weekBooks(this.#venue, { symbols: SYMBOLS, effects: this.effects, notes: this.notes });
  }

  /** The bars that close next; on the way to them everything else happens. */
  async #next(): Promise<ClosedBars | null> {
    await this.#settle();
    for (let moment = this.#moments.shift(); moment !== undefined; moment = this.#moments.shift()) {
      if (moment.kind === 'close') {
        // What it leads to is settled before the next.
        return this.#close(moment);
      }
      this.#clock.ms = moment.atMs;
      this.#happens(moment.kind);
      await this.#settle();
    }
    return null;
  }

  #happens(kind: 'look' | 'split' | 'away' | 'back'): void {
    const venue = this.#venue;
    if (kind === 'split') for (const symbol of SYMBOLS) venue.books.split(symbol, this.#options.split);
    else if (kind === 'back') {
      this.#maintained = false;
      venue.faults = NO_FAULTS;
    } else if (kind === 'away') {
      this.#maintained = true;
      venue.faults = { ...NO_FAULTS, request: () => statusFault(503, 'under maintenance') };
      venue.stream.drop();
    }
  }

  #close({ atMs, openMs, halted }: WeekMoment & { kind: 'close' }): ClosedBars {
    const { books } = this.#venue;
    const still = isEve(openMs, this.#effectiveMs);
    const bars = SYMBOLS.map(() => [] as number[]);
    if (halted) books.market.halted.add(SYMBOLS[HALTED_SYMBOL]);
    else books.market.halted.clear();
    for (let move = 1; move <= MOVES; move++) {
      this.#clock.ms = Math.max(this.#clock.ms, openMs + ((atMs - openMs) * move) / (MOVES + 1));
      SYMBOLS.forEach((symbol, index) => {
        const last = Number(books.prices.get(symbol)!) / 1e9;
        const isStill = still || (halted && index === HALTED_SYMBOL);
        const price = isStill ? last : Math.max(5, last * (1 + 0.006 * this.#random.normal()));
        bars[index]!.push(Number(price.toFixed(2)));
        books.trade(symbol, price.toFixed(2));
      });
    }
    this.#clock.ms = atMs;
    const traded = bars.flatMap((prices, symbol) => (halted && symbol === HALTED_SYMBOL ? [] : [{ symbol, prices }]));
    const isFirst = !this.#brought && openMs >= this.#effectiveMs;
    if (isFirst) this.#brought = true;
    return {
      closeTimeMs: atMs,
      bars: traded.map(({ symbol, prices }) => ({ symbol, bar: barOf(prices, openMs, atMs) })),
      ...(isFirst ? { actions: this.#actions } : {}),
    };
  }

  /** Waits until nothing is under way, while a little time passes; bounded by the machine's own clock. */
  async #settle(): Promise<void> {
    const untilMs = systemClock() + WAIT_MS;
    for (let calm = 0; calm < 4; calm = this.#isCalm() ? calm + 1 : 0) {
      if (systemClock() > untilMs) throw new Error(`never settled; notes: ${this.notes.slice(-10).join('; ')}`);
      await sleep(5);
      this.#clock.ms += NUDGE_MS;
      this.#venue.books.turn();
    }
  }

  /** A venue that is away has nothing under way either. */
  #isCalm(): boolean {
    return this.#edge !== null && (this.#edge.settled || this.#maintained);
  }
}

function barOf(prices: readonly number[], openTimeMs: number, closeTimeMs: number) {
  const [open, high, low, close] = [prices[0]!, Math.max(...prices), Math.min(...prices), prices.at(-1)!];
  return { openTimeMs, closeTimeMs, open, high, low, close, volume: 1_000 };
}

/** The first answer about the clock comes late, and nothing else is wrong. */
function lateClock(venue: StandInVenue, pass: () => void): FaultScript {
  const by = (body: string): string => {
    venue.faults = NO_FAULTS;
    pass();
    return body;
  };
  return failing({ method: 'GET', at: (path) => path.endsWith('/clock') }, { kind: 'altered', by });
}

/** Runs a week; ends with the books of both sides. */
export async function runSimulatedWeek(options: WeekOptions): Promise<WeekBooks> {
  const clock = { ms: weekMoments(options.week)[0]!.atMs };
  const venue = await StandInVenue.start({
    clock: () => clock.ms,
    seed: options.seed,
    partsMax: 2,
    cancelMs: 1_000,
    hours: NEW_YORK_HOURS,
  });
  for (const symbol of SYMBOLS) venue.books.trade(symbol, '100');
  const { clockAnswerMs = 0 } = options;
  if (clockAnswerMs > 0) venue.faults = lateClock(venue, () => (clock.ms += clockAnswerMs));
  try {
    return await new SimulatedWeek(options, { venue, clock }).run();
  } finally {
    await venue.stop();
  }
}
