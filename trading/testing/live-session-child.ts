import { setTimeout as sleep } from 'node:timers/promises';
import { barAt, createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { systemClock } from '../../infra/clock.ts';
import { connect, type Database } from '../../infra/postgres/database.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import type { FeedEvent } from '../../pipelines/feeds/feed-event.ts';
import type { Command } from '../effect.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import { PostgresJournal } from '../journal/postgres-journal.ts';
import { LiveActions } from '../sessions/live/live-actions.ts';
import { liveBars, type LiveTail } from '../sessions/live-bars.ts';
import { SessionBars } from '../sessions/session-bar-store.ts';
import { SessionCommands } from '../sessions/record/session-commands.ts';
import { noteStanding, openSession, type SessionDefinition } from '../sessions/session-store.ts';
import { runPaperSession } from '../sessions/streaming-session.ts';
import { createSizer } from '../risk/sizing.ts';
import { OPEN_SIGNAL_RULES } from '../signals/signal-validator.ts';
import { allocateStrategies } from '../strategies/allocated/allocate-strategies.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import type { Strategy } from '../strategies/strategy.ts';
import { SHORT_PARAMETERS } from '../strategies/testing/short-parameters.ts';
import { childBars, childSession } from './streaming-session-child.ts';

// A live session in a process of its own, for tests that kill it: `live-session-child.ts DATABASE_URL SESSION_ID JSON`.
// BBB splits four for one while it runs; with `forget` that is on record nowhere but in the session. With `told` it
// takes these commands at their steps and no others. With `protection` it buys once and holds, so protected. With
// `shared` two strategies share the account, and their signals are executed in parts.
// Prints the number of bars done after each close, and the journal hash and last equity last.

/** Closes of history, and the bar before which BBB splits: it is held then, and an order to sell it works. */
const WARM_UP = 100;
export const SPLIT_BAR = 155;
const SPLIT_RATIO = 4;

const [whole, splitting] = childBars as [BarColumns, BarColumns];
const effectiveMs = splitting.openTimeMs[SPLIT_BAR]!;
export const split: DatedAction = { kind: 'split', value: SPLIT_RATIO, effectiveMs, knownAtMs: effectiveMs };

/** The bars as they trade. */
export const splitBars: readonly BarColumns[] = [whole, afterSplit(splitting)];

export const liveSession = (id: string): SessionDefinition => ({
  id,
  kind: 'paper',
  symbols: childSession.instruments.map(({ symbol }) => symbol),
  capital: childSession.capital,
  definition: { live: true },
});

function afterSplit(bars: BarColumns): BarColumns {
  const out = createBarColumns(bars.symbol, bars.length);
  for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    out[field].set(bars[field]);
  }
  for (let row = SPLIT_BAR; row < bars.length; row++) {
    for (const field of ['open', 'high', 'low', 'close'] as const) out[field][row]! /= SPLIT_RATIO;
    out.volume[row]! *= SPLIT_RATIO;
  }
  return out;
}

function tailOf(actions: LiveActions): LiveTail {
  return {
    decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
    lateBars: () => 0,
    actions: (closed) => actions.before(closed),
    observe: (closed) => {
      actions.observe(closed);
      return Promise.resolve(null);
    },
    open: async function* (fromMs): AsyncGenerator<FeedEvent> {
      for (let row = 0; row < whole.length; row++) {
        if (whole.openTimeMs[row]! < fromMs) continue;
        // Slow enough for a test to kill the process at about the close that it means.
        await sleep(4);
        for (const [symbol, columns] of splitBars.entries()) {
          const lastOfClose = symbol === splitBars.length - 1;
          yield { kind: 'bar', symbol: columns.symbol, bar: barAt(columns, row), origin: 'stream', lastOfClose };
        }
      }
    },
  };
}

/** A command, and the step at which a session took it up. */
export interface ToldCommand {
  readonly step: number;
  readonly command: Command['command'];
}

export interface ChildOptions {
  readonly forget?: boolean;
  readonly told?: readonly ToldCommand[];
  readonly protection?: ProtectionRule;
  readonly shared?: boolean;
}

/** The session with nothing that it sells by itself: what its stops do is all that happens. */
export function heldSession(protection: ProtectionRule): typeof childSession {
  return { ...childSession, strategy: createRuleStrategy('buy-and-hold', {}), protection };
}

const rule = (name: 'sma-cross' | 'mean-reversion'): Strategy => createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {});

/** Two strategies on one account, protected each in its part, with orders in parts that are longer than a bar. */
export const sharedSession: typeof childSession = {
  ...childSession,
  strategy: allocateStrategies({
    strategies: [
      {
        ...{ name: 'trend', strategy: rule('sma-cross'), allocation: 0.5 },
        limits: { positionFraction: 1, exposureFraction: 1 },
        execution: {
          entry: { kind: 'twap', slices: 4, withinMinutes: 8 },
          exit: { kind: 'twap', slices: 2, withinMinutes: 4 },
        },
      },
      {
        ...{ name: 'back', strategy: rule('mean-reversion'), allocation: 0.5 },
        limits: { positionFraction: 1, exposureFraction: 1 },
        execution: { entry: { kind: 'chase', maxSlippageBps: 200, withinMinutes: 6 } },
      },
    ],
    sizer: () => createSizer(childSession.sizing, { symbols: 2, barsPerYear: 252 }),
    rules: OPEN_SIGNAL_RULES,
    rebalanced: 'never',
    hours: null,
  }),
};

function rulesOf({ protection, shared = false }: ChildOptions): typeof childSession {
  if (shared) return sharedSession;
  return protection === undefined ? childSession : heldSession(protection);
}

async function commandsOf(
  { pool }: Database,
  id: string,
  { told }: ChildOptions,
): Promise<Pick<SessionCommands, 'begun' | 'replayed' | 'take'>> {
  if (told === undefined) return SessionCommands.load(pool, id);
  return {
    begun: -1,
    replayed: (step) => told.filter((one) => one.step === step).map(({ command }) => ({ command, timeMs: null })),
    take: () => Promise.resolve([]),
  };
}

async function main(url: string, id: string, options: ChildOptions): Promise<void> {
  const database = await connect(url, { migrate: false }, null);
  const session = liveSession(id);
  await openSession(database.pool, session);
  const rules = rulesOf(options);
  const { instruments } = rules;
  const actions = new LiveActions({
    symbols: session.symbols,
    shares: session.symbols.map(() => true),
    calendar: calendarNamed('none'),
    historyMs: splitBars.map(({ openTimeMs }) => openTimeMs[WARM_UP - 1]!),
    adjust: 'splits',
    trustActions: false,
    realJumps: false,
    recorded: () => Promise.resolve([[], options.forget === true ? [] : [split]]),
    note: (text) => process.stderr.write(`${text}\n`),
  });
  const result = await runPaperSession({
    ...rules,
    sessionId: id,
    feed: liveBars({
      instruments,
      warmUp: splitBars.map((bars) => sliceBarColumns(bars, 0, WARM_UP)),
      tail: tailOf(actions),
      store: new SessionBars(database.pool, id),
      signal: new AbortController().signal,
    }),
    journal: await PostgresJournal.open(database, session),
    commands: await commandsOf(database, id, options),
    onStanding: (standing) => noteStanding(database.pool, id, standing),
    clock: systemClock,
    keepEvery: 20,
    note: (text) => process.stderr.write(`${text}\n`),
    onStep: (bars) => process.stdout.write(`${bars}\n`),
  });
  await database.close();
  process.stdout.write(`${result.journalHash} ${result.equity.at(-1)}\n`);
}

const [url, id, options] = process.argv.slice(2);
if (process.argv[1]?.endsWith('live-session-child.ts') === true) {
  await main(url!, id!, JSON.parse(options!) as ChildOptions);
}
