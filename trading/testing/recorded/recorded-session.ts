import { setTimeout as sleep } from 'node:timers/promises';
import { createBarColumns } from '../../../features/bar.ts';
import { systemClock } from '../../../infra/clock.ts';
import type { CommandOutput } from '../../../infra/command.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { PATIENCE_MS } from '../../../infra/testing/patience.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { FeedEvent } from '../../../pipelines/feeds/feed-event.ts';
import { AlpacaBroker } from '../../brokers/alpaca/alpaca-broker.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import type { LiveTail } from '../../sessions/live-bars.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import { HOLD, ruleSignal, type Strategy } from '../../strategies/strategy.ts';
import type { Word } from '../walked-engine.ts';
import { share } from '../venue/alpaca/alpaca-in-hand.ts';
import { IMPATIENT, WalkedMarket } from '../venue/kept-session.ts';
import { STAND_IN_KEYS, type StandInVenue } from '../venue/stand-in-venue.ts';

/** A live session on a database, as the command runs it, whose bars close when they are told to. */
export interface RecordedSession {
  readonly id: string;
  readonly notes: string[];
  /** A bar closes, and the strategy says `word` to it. */
  close(word: Word): void;
  until(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  /** Stops it between two bars, as SIGTERM does: orders stay. */
  stop(): Promise<CommandOutput>;
  /** The feed ends, and so does the session. */
  end(): Promise<CommandOutput>;
}

export interface RecordedOptions {
  readonly id: string;
  /** Absent: it is simulated. */
  readonly venue?: StandInVenue;
  /** What earlier runs of the session were told, bar by bar. */
  readonly words?: readonly Word[];
  readonly env?: NodeJS.ProcessEnv;
  /** Each bar has another price; by default all have the same. */
  readonly walks?: boolean;
}

function spoken(words: readonly Word[]): Strategy {
  const decide: ReturnType<Strategy['forSymbol']>['decide'] = (view) => {
    const word = words[view.length - 1] ?? 'HOLD';
    return word === 'HOLD' ? HOLD : ruleSignal(word, 'spoken');
  };
  return { name: 'spoken', parameters: {}, forSymbol: () => ({ decide, save: () => null, restore: () => undefined }) };
}

/** Closes that come when they are asked for. */
function tailOf(market: WalkedMarket, asked: { isDue(): boolean; isOver(): boolean; walks: boolean }): LiveTail {
  return {
    decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
    lateBars: () => 0,
    actions: () => Promise.resolve([]),
    observe: () => Promise.resolve(null),
    open: async function* (_fromMs, signal): AsyncGenerator<FeedEvent> {
      for (;;) {
        while (!asked.isDue()) {
          if (asked.isOver() || signal.aborted) return;
          await sleep(5);
        }
        if (asked.walks) market.move();
        for (const { bar } of market.bars().bars)
          yield { kind: 'bar', symbol: 'AAPL', bar, origin: 'stream', lastOfClose: true };
      }
    },
  };
}

/** Runs AAPL, ten shares a purchase, each with a stop 5 % below. */
export function recordedSession(database: Database, options: RecordedOptions): RecordedSession & { words: Word[] } {
  const { id, venue, env = {}, walks = false } = options;
  const notes: string[] = [];
  const words: Word[] = [...(options.words ?? [])];
  const market = new WalkedMarket(['AAPL'], 1);
  const stopping = new AbortController();
  let [due, isOver] = [0, false];
  const tail = tailOf(market, {
    isDue: () => due > 0 && (due -= 1) >= 0,
    isOver: () => isOver,
    walks,
  });
  const context = databaseContext(database, {
    env,
    progress: { ...silentProgress(), note: (text) => void notes.push(text) },
    signal: stopping.signal,
  });
  const running = runPaper(context, { speed: 'max' }, async () => {
    const plan = venue === undefined ? undefined : await reached(venue);
    return {
      options: {
        instruments: [share('AAPL')],
        strategy: spoken(words),
        sizing: { kind: 'units', units: 10 },
        limits: NAMED_LIMITS.unbounded,
        protection: { stopLoss: { percent: 0.05 }, takeProfit: null, trailing: null },
        broker: simulatedBroker(),
        capital: 100_000,
      },
      bars: [createBarColumns('AAPL', 0)],
      session: { id, kind: 'paper', symbols: ['AAPL'], capital: 100_000, definition: {} },
      live: tail,
      keepEvery: 3,
      ...(plan === undefined ? {} : { venue: plan }),
    };
  });
  // Whoever ends it hears of its failure.
  running.catch(() => undefined);
  return {
    id,
    notes,
    words,
    close: (word) => {
      words.push(word);
      due += 1;
    },
    until: async (what, holds) => {
      const untilMs = systemClock() + PATIENCE_MS / 20;
      while (!(await holds())) {
        if (systemClock() > untilMs) throw new Error(`it never came to this: ${what}; notes: ${notes.join('; ')}`);
        await Promise.race([sleep(20), running]);
      }
    },
    stop: () => {
      stopping.abort();
      return running;
    },
    end: () => {
      isOver = true;
      return running;
    },
  };
}

async function reached({ url }: StandInVenue) {
  const broker = new AlpacaBroker(
    { ...STAND_IN_KEYS, tradingUrl: url, requestsPerMinute: 1_000_000, deadlineMs: 2_000 },
    { clock: systemClock, stream: { pingMs: 200, pongMs: 2_000 } },
  );
  return { broker, account: await broker.account(), patience: { ...IMPATIENT, openingMs: 3_000 } };
}
