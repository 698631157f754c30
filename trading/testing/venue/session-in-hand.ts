import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../../../infra/clock.ts';
import { WAIT_MS } from '../../../infra/testing/patience.ts';
import { AlpacaBroker } from '../../brokers/alpaca/alpaca-broker.ts';
import type { ReconciliationRule } from '../../engine/venue/reconciliation-rule.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { Instrument } from '../../../features/instrument.ts';
import type { VenuePatience } from '../../execution/venue-patience.ts';
import type { ProtectionRule } from '../../risk/protection.ts';
import type { SessionResult } from '../../session-result.ts';
import type { TakenCommand } from '../../sessions/record/taken-command.ts';
import type { VenueEdge } from '../../sessions/venue/venue-edge.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import type { Word } from '../walked-engine.ts';
import { share } from './alpaca/alpaca-in-hand.ts';
import { emptyRecord, runKeptSession, WalkedMarket, type KeptRecord, type KeptSessionOptions } from './kept-session.ts';
import { STAND_IN_KEYS, StandInVenue, type StandInOptions } from './stand-in-venue.ts';

/** A session in AAPL at the venue that stands in, walked by hand: bars close when they are told to. */
export interface SessionInHand<V = StandInVenue> {
  readonly venue: V;
  readonly record: KeptRecord;
  readonly notes: string[];
  readonly edge: VenueEdge;
  /** What the next bar is made of. */
  readonly market: WalkedMarket;
  /** Words of operators that wait to be taken. */
  readonly commands: TakenCommand['command'][];
  /** A bar closes, and the strategy says `word` to it. */
  close(word: Word): void;
  /** Waits until that is so; fails where it never is. */
  until(what: string, holds: () => boolean): Promise<void>;
  /** Waits until nothing is under way. */
  settled(): Promise<void>;
  /** Ends the session; the venue goes on. */
  end(): Promise<SessionResult>;
}

const OPEN_MS = 10;

/** What each bar is answered with, by its number. */
export function spoken(words: readonly Word[]): Strategy {
  const decide: ReturnType<Strategy['forSymbol']>['decide'] = (view) => {
    const word = words[view.length - 1] ?? 'HOLD';
    return word === 'HOLD' ? HOLD : ruleSignal(word, 'spoken');
  };
  return { name: 'spoken', parameters: {}, forSymbol: () => ({ decide, save: () => null, restore: () => undefined }) };
}

/** Starts the venue that a session in hand trades at: AAPL at 100, time passing by itself. */
export async function venueInHand(options: Partial<StandInOptions> = {}): Promise<StandInVenue> {
  const venue = await StandInVenue.start({ clock: systemClock, seed: 1, ...options });
  venue.books.trade('AAPL', '100');
  venue.run(5);
  return venue;
}

function impatientBroker({ url }: { readonly url: string }): AlpacaBroker {
  return new AlpacaBroker(
    { ...STAND_IN_KEYS, tradingUrl: url, requestsPerMinute: 1_000_000, deadlineMs: 150 },
    { clock: systemClock, stream: { pingMs: 100, pongMs: 100 } },
  );
}

export interface InHandOptions {
  /** Another broker than Alpaca's, and what it trades. */
  readonly at?: { readonly broker: VenueBroker; readonly instrument: Instrument };
  readonly patience?: VenuePatience;
  readonly before?: Pick<SessionInHand, 'record'> & { readonly words: readonly Word[] };
  readonly protection?: ProtectionRule;
  /** How orders of signals are executed over time. */
  readonly execution?: KeptSessionOptions['execution'];
  readonly longShort?: boolean;
  /** Units of an order of a signal; 10 by default. */
  readonly units?: number;
  /** Least part of a share that is traded; a whole one by default. */
  readonly lot?: number;
  readonly reconciliation?: Partial<ReconciliationRule>;
  /** In place of the one that says the words. */
  readonly strategy?: Strategy;
  /** Tells the session's moments, and goes on evenly where that is put; the system's clock by default. */
  readonly clock?: Clock;
  readonly steady?: Clock;
  /** Sees what is committed. */
  readonly onCommit?: KeptSessionOptions['onCommit'];
}

/** Starts a session at `venue`, or goes on with the one that left `before`. */
export async function sessionInHand<V extends { readonly url: string } = StandInVenue>(
  venue: V,
  options: InHandOptions = {},
): Promise<SessionInHand<V> & { readonly words: readonly Word[] }> {
  const record = options.before?.record ?? emptyRecord();
  const words: Word[] = [...(options.before?.words ?? [])];
  const notes: string[] = [];
  const commands: TakenCommand['command'][] = [];
  const instrument = options.at?.instrument ?? { ...share('AAPL'), lot: options.lot ?? 1 };
  const market = new WalkedMarket([instrument.symbol], 1);
  let [due, isOver] = [0, false];
  let edge: VenueEdge | null = null;
  const running = runKeptSession({
    broker: options.at?.broker ?? impatientBroker(venue),
    record,
    notes,
    commands,
    instruments: [instrument],
    strategy: options.strategy ?? spoken(words),
    protection: options.protection,
    execution: options.execution,
    patience: options.patience,
    longShort: options.longShort,
    units: options.units,
    reconciliation: options.reconciliation,
    clock: options.clock,
    steady: options.steady,
    onCommit: options.onCommit,
    onEdge: (one) => (edge = one),
    next: async () => {
      while (due === 0 && !isOver) await sleep(OPEN_MS);
      if (due === 0) return null;
      due -= 1;
      return market.bars();
    },
  });
  // Whoever ends it hears of its failure.
  running.catch(() => undefined);
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    const untilMs = systemClock() + WAIT_MS;
    while (!holds()) {
      if (systemClock() > untilMs) throw new Error(`it never came to this: ${what}; notes: ${notes.join('; ')}`);
      await Promise.race([sleep(OPEN_MS), running]);
    }
  };
  await until('the session has begun', () => edge !== null);
  return {
    venue,
    record,
    notes,
    commands,
    words,
    edge: edge!,
    market,
    close: (word) => {
      words.push(word);
      due += 1;
    },
    until,
    settled: async () => {
      for (let calm = 0; calm < 5; calm += edge!.settled ? 1 : -calm) {
        await until('calm', () => edge!.settled);
        await sleep(OPEN_MS);
      }
    },
    end: () => {
      isOver = true;
      return running;
    },
  };
}
