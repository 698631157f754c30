import type { MortalVenue } from './mortal-venue.ts';
import type { Instrument } from '../../../features/instrument.ts';
import { systemClock, type Clock } from '../../../infra/clock.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { Effect } from '../../effect.ts';
import type { VenuePatience } from '../../execution/venue-patience.ts';
import type { ReconciliationRule } from '../../engine/venue/reconciliation-rule.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import type { ClosedBars } from '../../sessions/replayed-feed.ts';
import type { PaperSessionOptions } from '../../sessions/live/paper-session-options.ts';
import { runPaperSession } from '../../sessions/streaming-session.ts';
import type { TakenCommand } from '../../sessions/record/taken-command.ts';
import { VenueEdge } from '../../sessions/venue/venue-edge.ts';
import type { VenueInput } from '../../sessions/venue/venue-input.ts';
import { bracket } from '../../orders/order-request.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import { MortalJournal, type JournalRecord } from '../mortal-journal.ts';

/** What outlives a session that dies: what it had recorded. */
export interface KeptRecord extends JournalRecord {
  readonly bars: ClosedBars[];
  readonly inputs: VenueInput[];
  readonly fills: (Effect & { kind: 'fill' })[];
  /** Payments that the venue took or gave. */
  readonly payments: (Effect & { kind: 'charge' })[];
  /** Words of operators, by the step at which they were taken. */
  readonly taken: Map<number, readonly TakenCommand[]>;
}

export const emptyRecord = (): KeptRecord => ({
  bars: [],
  inputs: [],
  effects: [],
  fills: [],
  payments: [],
  taken: new Map(),
  state: null,
});

/** The session was killed. */
export class Killed extends Error {}

/** Impatient: a test is not to wait for half a minute. */
export const IMPATIENT: VenuePatience = {
  askAfterMs: 40,
  absences: 3,
  absentMs: 200,
  openingMs: 60_000,
  armWithinMs: 150,
  againMs: 20,
  compareMs: 150,
  differences: 3,
  lookAgainMs: 40,
  reconnectMs: 20,
  trailStep: 0.1,
  trailEveryMs: 40,
};

export interface KeptSessionOptions {
  readonly broker: VenueBroker;
  readonly record: KeptRecord;
  readonly instruments: readonly Instrument[];
  readonly strategy: Strategy;
  /** Asked for the next bars; null ends the session. Waits are its own. */
  readonly next: () => Promise<ClosedBars | null>;
  readonly protection?: ProtectionRule | undefined;
  /** Units of an order of a signal; 10 by default. */
  readonly units?: number | undefined;
  /** How orders of signals are executed over time. */
  readonly execution?: PaperSessionOptions['execution'];
  /** The market's days, and hours around the regular ones. */
  readonly hours?: Pick<PaperSessionOptions, 'dayOf' | 'endsDay' | 'extended'> | undefined;
  readonly reconciliation?: Partial<ReconciliationRule> | undefined;
  /** SELL goes short. */
  readonly longShort?: boolean | undefined;
  /** Called before each point at which a process can die; it throws `Killed`. */
  readonly mayDie?: (where: string) => void;
  readonly signal?: AbortSignal;
  /** `IMPATIENT` by default. */
  readonly patience?: VenuePatience | undefined;
  readonly notes?: string[];
  /** Tells the moment of everything; the system's by default. */
  readonly clock?: Clock | undefined;
  /** Goes on evenly where `clock` is put; absent where that never is. */
  readonly steady?: Clock | undefined;
  /** See `PaperSessionOptions`. */
  readonly dueSplits?: PaperSessionOptions['dueSplits'];
  /** Sees what is committed. */
  readonly onCommit?: ((effects: readonly Effect[]) => void) | undefined;
  /** Words of operators that wait to be taken. */
  readonly commands?: TakenCommand['command'][];
  /** Sees the session's edge once it is there. */
  readonly onEdge?: (edge: VenueEdge) => void;
}

/** A session at a venue whose record is kept in memory, so that it can die at any point and be started again. */
export async function runKeptSession(options: KeptSessionOptions): ReturnType<typeof runPaperSession> {
  const { broker, record, instruments, strategy, mayDie = () => undefined, notes = [], commands = [] } = options;
  const { clock = systemClock } = options;
  const edge = new VenueEdge({
    broker,
    instruments,
    sessionId: 'kept',
    recorded: [...record.inputs],
    store: {
      append: (inputs) => {
        mayDie('before the inputs');
        record.inputs.push(...inputs);
        mayDie('after the inputs');
        return Promise.resolve();
      },
    },
    patience: options.patience ?? IMPATIENT,
    clock,
    steady: options.steady,
    sinceMs: 0,
    note: (text) => void notes.push(text),
  });
  options.onEdge?.(edge);
  const symbols = instruments.map(({ symbol }) => symbol);
  const journal = new MortalJournal(symbols, {
    record,
    mayDie,
    onCommit: (effects) => {
      record.fills.push(...effects.filter((effect) => effect.kind === 'fill'));
      record.payments.push(...effects.filter((effect) => effect.kind === 'charge'));
      options.onCommit?.(effects);
    },
  });
  return runPaperSession({
    instruments,
    strategy,
    sizing: { kind: 'units', units: options.units ?? 10 },
    limits: { ...NAMED_LIMITS.unbounded, shortAllowed: options.longShort === true },
    signals: { longShort: options.longShort === true },
    protection: options.protection,
    execution: options.execution,
    ...options.hours,
    reconciliation: options.reconciliation,
    broker: edge.makeBroker,
    capital: 100_000,
    sessionId: 'kept',
    feed: feedOf(options),
    journal: edge.journal(journal),
    venue: edge,
    keepEvery: 3,
    note: (text) => void notes.push(text),
    commands: {
      begun: -1,
      replayed: (step) => record.taken.get(step) ?? [],
      take: (step, timeMs) => {
        const taken = commands.splice(0).map((command) => ({ command, timeMs }));
        if (taken.length > 0) record.taken.set(step, [...(record.taken.get(step) ?? []), ...taken]);
        return Promise.resolve(taken);
      },
    },
    clock,
    eventClock: clock,
    dueSplits: options.dueSplits,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

async function* feedOf({ record, next, mayDie = () => undefined }: KeptSessionOptions): AsyncGenerator<ClosedBars> {
  for (const closed of [...record.bars]) yield { ...closed, again: true };
  yield { closeTimeMs: record.bars.at(-1)?.closeTimeMs ?? 0, bars: [], goesLive: true };
  for (;;) {
    const closed = await next();
    if (closed === null) return;
    record.bars.push(closed);
    mayDie('after a bar');
    yield closed;
  }
}

/** Signals drawn from a seed: what is said of a bar depends on the bar alone, as a strategy's word does. */
export function drawnStrategy(seed: number, share: number): Strategy {
  return {
    name: 'drawn',
    parameters: { seed },
    forSymbol: (symbol) => ({
      save: () => null,
      restore: () => undefined,
      decide: (view) => {
        const random = createRandom(`${seed}/${symbol}/${view.length}`);
        if (random.next() >= share) return HOLD;
        return ruleSignal(random.next() < 0.5 ? 'BUY' : 'SELL', 'drawn');
      },
    }),
  };
}

/**
 * Brackets drawn from a seed: while flat, an entry at the next price or below the market, with a stop and a target that
 * the walk of the market soon reaches; an entry that has waited is cancelled.
 */
export function drawnBrackets(seed: number, share: number): Strategy {
  const cents = (price: number): number => Math.round(price * 100) / 100;
  return {
    name: 'drawn-brackets',
    parameters: { seed },
    forSymbol: (symbol) => ({
      save: () => null,
      restore: () => undefined,
      decide: () => HOLD,
      orders: (view, book) => {
        const random = createRandom(`${seed}/${symbol}/${view.length}`);
        const isDrawn = random.next() < share;
        const waits = book.working.some(({ request }) => request.label === 'in');
        if (waits) return isDrawn ? [{ do: 'cancel', label: 'in' }] : [];
        if (!isDrawn || book.position !== 0 || book.working.length > 0) return [];
        const close = view.close();
        const limit = random.next() < 0.5 ? undefined : cents(close * 0.998);
        const entry = { do: 'place', label: 'in', side: 'buy', size: { units: 10 } } as const;
        return bracket(limit === undefined ? { ...entry, type: 'market' } : { ...entry, type: 'limit', limit }, {
          stop: cents(close * 0.985),
          target: cents(close * 1.01),
        });
      },
    }),
  };
}

/** Bars of `symbols` that close now, from a walk; each close is what the venue trades at. */
export class WalkedMarket {
  readonly prices: number[];
  /** It moves no more. */
  closed = false;
  readonly #symbols: readonly string[];
  readonly #random: Random;
  #lastMs = 0;

  constructor(symbols: readonly string[], seed: number) {
    this.#symbols = symbols;
    this.#random = createRandom(`walk/${seed}`);
    this.prices = symbols.map(() => 100);
  }

  /** The market moves a little: the new price of each symbol, as text. */
  move(): (readonly [symbol: string, price: string])[] {
    return this.#symbols.map((symbol, index) => {
      const price = Math.max(20, this.prices[index]! * (1 + 0.004 * this.#random.normal()));
      this.prices[index] = Math.round(price * 100) / 100;
      return [symbol, this.prices[index]!.toFixed(2)];
    });
  }

  /** The bars that close at this moment; they opened as the ones before closed. */
  bars(): ClosedBars {
    const openTimeMs = this.#lastMs === 0 ? systemClock() - 1 : this.#lastMs;
    const closeTimeMs = Math.max(openTimeMs + 1, systemClock());
    this.#lastMs = closeTimeMs;
    const bars = this.prices.map((price, symbol) => ({
      symbol,
      bar: { openTimeMs, closeTimeMs, open: price, high: price, low: price, close: price, volume: 1000 },
    }));
    return { closeTimeMs, bars };
  }
}

/** A market that walks at a venue by itself, which goes on trading, until it is stopped. */
export function walkAt(
  venue: Pick<MortalVenue, 'symbols' | 'trade' | 'run'>,
  seed: number,
): { readonly market: WalkedMarket; readonly stop: () => void } {
  const market = new WalkedMarket(venue.symbols, seed);
  const move = (): void => {
    if (market.closed) return;
    for (const [symbol, price] of market.move()) venue.trade(symbol, price);
  };
  move();
  venue.run(5);
  const walking = setInterval(move, 15);
  return { market, stop: () => clearInterval(walking) };
}
