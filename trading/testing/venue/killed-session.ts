import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../infra/clock.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import type { VenueEdge } from '../../sessions/venue/venue-edge.ts';
import {
  drawnStrategy,
  emptyRecord,
  Killed,
  runKeptSession,
  type WalkedMarket,
  type KeptRecord,
  walkAt,
} from './kept-session.ts';
import { dayOf } from '../../execution/daily/day-names.ts';
import { NO_FAULTS, seededFaults } from './stand-in-faults.ts';
import { amountText, amountUnits } from '../../brokers/binance/asset-amount.ts';
import type { MortalVenue, StartMortalVenue } from './mortal-venue.ts';

/** Longest wait for what was ordered to be settled. */
const SETTLE_MS = 60_000;

export interface KilledSessionOptions {
  readonly start: StartMortalVenue;
  readonly seed: number;
  readonly bars: number;
  /** How often the session dies; each time at a point drawn from the seed. */
  readonly kills: number;
  /** Shares of requests and of messages that go wrong. */
  readonly faults?: { readonly requests: number; readonly messages: number };
  readonly shownAfterMs?: number;
  readonly protection?: ProtectionRule;
  /** Units of an order of a signal; 10 by default. */
  readonly units?: number;
  /** In place of signals drawn from the seed. */
  readonly strategy?: Strategy;
}

/** What the venue's books and the session's record say in the end. */
export interface SettledBooks {
  readonly kills: number;
  readonly orders: number;
  /** Execution ids, sorted. */
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  /** Positions by symbol, and what was paid and got, in exact decimals. */
  readonly theirPositions: Readonly<Record<string, string>>;
  readonly ourPositions: Readonly<Record<string, string>>;
  readonly theirCash: string;
  readonly ourCash: string;
  /** What of it came without an execution. */
  readonly theirPayments: string;
  readonly ourPayments: string;
  /** Orders that went on as another of a later day. */
  readonly renewed: number;
  /** Client ids that two orders of the venue have. */
  readonly twice: readonly string[];
  /** Symbols with a position that no stop at the venue protects, where stops are asked for. */
  readonly bare: readonly string[];
  readonly notes: readonly string[];
  /** Lives that went on from a saved state. */
  readonly restored: number;
}

/**
 * A session that dies again and again while the venue goes on trading, until it has had all of its bars and everything
 * it ordered is settled.
 */
export async function runKilledSession(options: KilledSessionOptions): Promise<SettledBooks> {
  const { seed, bars, kills, faults, shownAfterMs } = options;
  // Where nothing goes wrong, a busy machine is not to look as if it did.
  const deadlineMs = faults === undefined ? 10_000 : undefined;
  const venue = await options.start({ seed, shownAfterMs, deadlineMs });
  const { market, stop: stopWalking } = walkAt(venue, seed);
  const random = createRandom(`kills/${seed}`);
  const record = emptyRecord();
  const notes: string[] = [];
  let [died, restored] = [0, 0];
  if (faults !== undefined) venue.faults = seededFaults(random.fork('faults'), faults);
  try {
    for (;;) {
      const dies = died < kills;
      if (record.state !== null) restored += 1;
      // The last death comes once there is a state to go on from: that, too, is to be gone through.
      const spared = died === kills - 1;
      const life = { venue, market, record, notes, dies: dies ? random : null, spared };
      const ended = await oneLife({ ...options, bars }, life);
      if (ended) break;
      died += 1;
    }
    const bare = options.protection === undefined ? [] : venue.books().bare;
    return { ...settled({ venue, record, notes, died }), bare, restored };
  } finally {
    stopWalking();
    await venue.stop();
  }
}

interface Life {
  readonly venue: MortalVenue;
  readonly market: WalkedMarket;
  readonly record: KeptRecord;
  readonly notes: string[];
  /** Draws the point at which it dies; null: it lives on. */
  readonly dies: Random | null;
  /** It does not die before a state of it was saved. */
  readonly spared: boolean;
}

/** From one start to the next death, or to the end: true. */
async function oneLife(options: KilledSessionOptions, life: Life): Promise<boolean> {
  const { venue, market, record, notes, dies } = life;
  const { broker, instruments } = await venue.open();
  let points = dies === null ? Infinity : 1 + dies.integer(25);
  const stop = new AbortController();
  const mayDie = (where: string): void => {
    if (life.spared && record.state === null) return;
    points -= 1;
    if (points <= 0) throw new Killed(where);
  };
  // A process may also die at any moment in between, counted from its first bar: a busy machine is long in starting.
  const dieMs = dies === null ? null : dies.integer(400);
  let timer: NodeJS.Timeout | undefined;
  let edge: VenueEdge | null = null;
  try {
    await runKeptSession({
      broker,
      record,
      notes,
      instruments,
      strategy: options.strategy ?? drawnStrategy(options.seed, 0.4),
      protection: options.protection,
      longShort: venue.longShort,
      units: options.units,
      signal: stop.signal,
      mayDie,
      onEdge: (one) => (edge = one),
      next: async () => {
        if (dieMs !== null) timer ??= setTimeout(() => (points = 0), dieMs);
        await sleep(30);
        // What a dead session was waiting for is not its own any more.
        if (stop.signal.aborted) return null;
        if (record.bars.length < options.bars) return market.bars();
        market.closed = true;
        await settle(venue, edge!);
        return null;
      },
    });
    return true;
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return false;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** Waits until nothing is under way: faults end, and what does not rest there has come to its end. */
async function settle(venue: MortalVenue, edge: VenueEdge): Promise<void> {
  venue.faults = NO_FAULTS;
  const untilMs = systemClock() + SETTLE_MS;
  for (let calm = 0; calm < 10 && systemClock() < untilMs; calm += edge.settled ? 1 : -calm) await sleep(40);
}

function settled(
  parts: Pick<Life, 'venue' | 'record' | 'notes'> & { readonly died: number },
): Omit<SettledBooks, 'bare' | 'restored'> {
  const { venue, record, notes, died } = parts;
  const { orders, executions, positions, cash, paid = '0' } = venue.books();
  const ours = record.fills.filter(({ takesBack }) => takesBack !== true);
  const held = (symbol: number): bigint =>
    ours.reduce((sum, fill) => (fill.symbol === symbol ? sum + units(fill.quantity) : sum), 0n);
  const spent = ours.reduce((sum, { quantity, price, fee }) => sum + units(quantity * price + fee), 0n);
  return {
    kills: died,
    orders: orders.length,
    theirs: [...executions].sort(),
    ours: ours.map(({ executionId }) => executionId!).sort(),
    theirPositions: positions,
    ourPositions: Object.fromEntries(venue.symbols.map((symbol, index) => [symbol, amountText(held(index))])),
    theirCash: cash,
    ourCash: amountText(amountUnits('100000')! - spent + earned(record)),
    theirPayments: paid,
    ourPayments: amountText(earned(record)),
    renewed: orders.filter((id) => dayOf(id) > 0).length,
    twice: orders.filter((id, index) => orders.indexOf(id) !== index),
    notes,
  };
}

/** What came without an execution. */
const earned = ({ payments }: KeptRecord): bigint => payments.reduce((sum, { cash }) => sum + units(cash), 0n);

/** The nearest whole of 1e-8. */
const units = (value: number): bigint => BigInt(Math.round(value * 1e8));
