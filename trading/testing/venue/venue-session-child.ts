import { databaseContext } from '../../../infra/testing/command-context.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Database } from '../../../infra/postgres/database.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { createBarColumns } from '../../../features/bar.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import type { FeedEvent } from '../../../pipelines/feeds/feed-event.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { brokerOf, type VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { LiveTail } from '../../sessions/live-bars.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import { SessionBars } from '../../sessions/session-bar-store.ts';
import { historyOf } from '../../sessions/session-store.ts';
import { prepareVenue } from '../../sessions/venue/reach-venue.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import { share } from './alpaca/alpaca-in-hand.ts';
import { hastyAlpaca } from './alpaca/alpaca-mortal.ts';
import { pairOf } from './binance/binance-in-hand.ts';
import { hastyBinance } from './binance/binance-mortal.ts';
import { hastyFutures } from './binance/futures/futures-mortal.ts';
import { drawnBrackets, drawnStrategy, IMPATIENT, WalkedMarket } from './kept-session.ts';

// A paper session at the venue that stands in, in a process of its own, for proofs that kill it. It says `market` when
// it has had all of its bars: from then on the market is to stand still, so that what was ordered can be settled.

export const CHILD_SESSION = 'killed-at-venue';

/** Where it can die. */
export const DEATHS = [
  'signal',
  'approval',
  'commit',
  'inputs',
  'submit',
  'acknowledgement',
  'cancel',
  'fill',
  'reconcile',
] as const;
type Death = (typeof DEATHS)[number];

const WHOLE_PROTECTION = { stopLoss: { percent: 0.01 }, takeProfit: null, trailing: null };
/** Targets and moves of stops are the session's own there. */
const PARTS_PROTECTION = {
  stop: WHOLE_PROTECTION,
  target: { ...WHOLE_PROTECTION, takeProfit: { percent: 0.004 } },
  trailing: { stopLoss: null, takeProfit: null, trailing: { percent: 0.01 } },
  followed: { stopLoss: null, takeProfit: { percent: 0.004 }, trailing: { percent: 0.01 } },
};

export interface VenueChildOptions {
  readonly venue: 'alpaca' | 'binance' | 'binance-futures';
  readonly symbols: readonly string[];
  readonly venueUrl: string;
  readonly seed: number;
  readonly bars: number;
  /** A SELL while flat goes short. */
  readonly longShort?: boolean | undefined;
  /** Entries with exits that leave with them, in place of signals and a stop for each position. */
  readonly brackets?: boolean | undefined;
  /** Positions in parts of shares, and what protects them: the venue takes stops of these for the day alone. */
  readonly parts?: keyof typeof PARTS_PROTECTION | undefined;
  /** It is killed with SIGKILL the `nth` time that it gets there; never by default. */
  readonly death?: Death;
  readonly nth?: number;
}

/** Dies where it was told to: nothing after this point happens. */
function deathOf({ death, nth = 1 }: VenueChildOptions): (where: Death) => void {
  let left = nth;
  return (where) => {
    if (where !== death) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

function mortalBroker(broker: VenueBroker, die: (where: Death) => void): VenueBroker {
  return brokerOf({
    name: broker.name,
    capabilities: broker.capabilities,
    prepare: broker.prepare?.bind(broker),
    hours: broker.hours?.bind(broker),
    submit: async (order) => {
      const asked = broker.submit(order);
      // On its way, or not: the socket is written to between turns.
      setImmediate(() => die('submit'));
      const verdict = await asked;
      if (verdict.result === 'accepted') die('acknowledgement');
      return verdict;
    },
    cancel: (id) => {
      const asked = broker.cancel(id);
      setImmediate(() => die('cancel'));
      return asked;
    },
    amend: (id, by) => broker.amend(id, by),
    paymentsSince: broker.paymentsSince?.bind(broker),
    find: (id) => broker.find(id),
    openOrders: () => broker.openOrders(),
    positions: () => {
      die('reconcile');
      return broker.positions();
    },
    account: () => broker.account(),
    executionsSince: (ms) => broker.executionsSince(ms),
    clockOffsetMs: () => broker.clockOffsetMs(),
    listen: (onMessage, signal) => broker.listen(onMessage, signal),
  });
}

function mortalStrategy(strategy: Strategy, die: (where: Death) => void): Strategy {
  return {
    ...strategy,
    forSymbol: (symbol) => {
      const inner = strategy.forSymbol(symbol);
      return {
        decide: (view) => {
          const signal = inner.decide(view);
          if (signal.action !== 'HOLD') die('signal');
          return signal;
        },
        ...(inner.orders === undefined ? {} : { orders: ordersOf(inner.orders.bind(inner), die) }),
        onFill: () => die('fill'),
        save: () => inner.save!(),
        restore: (state) => inner.restore!(state),
      };
    },
  };
}

type Orders = NonNullable<ReturnType<Strategy['forSymbol']>['orders']>;

function ordersOf(orders: Orders, die: (where: Death) => void): Orders {
  return (view, book) => {
    const actions = orders(view, book);
    if ('length' in actions && actions.length > 0) die('signal');
    return actions;
  };
}

/** The same database, on which the process can die before and after it records. */
function mortalDatabase(database: Database, die: (where: Death) => void): Database {
  const between = async <T>(work: () => Promise<T>): Promise<T> => {
    die('approval');
    const result = await work();
    die('commit');
    return result;
  };
  return {
    ...database,
    transaction: (work) => between(() => database.transaction(work)),
    write: (steps) => {
      if (steps.some((step) => 'name' in step && step.name === 'write-inputs')) die('inputs');
      return between(() => database.write(steps));
    },
  };
}

function tailOf(had: number, options: VenueChildOptions): LiveTail {
  const market = new WalkedMarket(options.symbols, options.seed);
  return {
    decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
    lateBars: () => 0,
    actions: () => Promise.resolve([]),
    observe: () => Promise.resolve(null),
    open: async function* (_fromMs, signal): AsyncGenerator<FeedEvent> {
      for (let row = had; row < options.bars && !signal.aborted; row++) {
        await sleep(30);
        market.move();
        for (const { symbol, bar } of market.bars().bars) {
          const lastOfClose = symbol === options.symbols.length - 1;
          yield { kind: 'bar', symbol: options.symbols[symbol]!, bar, origin: 'stream', lastOfClose };
        }
      }
      process.stdout.write('market\n');
      // What was ordered comes to its end, and what was missed is asked for.
      await sleep(SETTLE_MS, undefined, { signal }).catch(() => undefined);
    },
  };
}

/** A busy machine needs more than the second that a quiet one does. */
const SETTLE_MS = 8_000;

const HASTY = { alpaca: hastyAlpaca, binance: hastyBinance, 'binance-futures': hastyFutures };

async function main(url: string, options: VenueChildOptions): Promise<void> {
  const die = deathOf(options);
  const database = mortalDatabase(await connect(url, { migrate: false }, null), die);
  const { brackets = false, parts } = options;
  const isAlpaca = options.venue === 'alpaca';
  const instrumentOf =
    parts !== undefined ? (symbol: string) => ({ ...share(symbol), lot: 0.001 }) : isAlpaca ? share : pairOf;
  const reached = HASTY[options.venue](options.venueUrl);
  const plan = { broker: reached, account: await reached.account(), patience: IMPATIENT };
  const begun = (await historyOf(database.pool, CHILD_SESSION))?.venue ?? null;
  const prepared = await prepareVenue(plan, options.symbols.map(instrumentOf), begun);
  const { instruments, beginning } = prepared;
  const venue = { ...prepared.venue, broker: mortalBroker(reached, die) };
  const definition = beginning === undefined ? {} : { history: { untilMs: 0, bars: '', venue: beginning } };
  const context = databaseContext(database, {
    progress: { ...silentProgress(), note: (text) => process.stderr.write(`${text}\n`) },
  });
  let had = 0;
  for await (const closed of new SessionBars(database.pool, CHILD_SESSION).read())
    had += closed.bars.length > 0 ? 1 : 0;
  await runPaper(context, { speed: 'max' }, async () => ({
    options: {
      instruments,
      strategy: mortalStrategy((brackets ? drawnBrackets : drawnStrategy)(options.seed, 0.4), die),
      sizing: { kind: 'units', units: parts === undefined ? 10 : 10.5 },
      limits: { ...NAMED_LIMITS.unbounded, shortAllowed: options.longShort === true },
      signals: { longShort: options.longShort === true },
      ...(brackets ? {} : { protection: parts === undefined ? WHOLE_PROTECTION : PARTS_PROTECTION[parts] }),
      // Its bars are traded in history once it has ended, to be held beside what the venue did.
      broker: simulatedBroker(),
      capital: 100_000,
    },
    bars: instruments.map(({ symbol }) => createBarColumns(symbol, 0)),
    session: { id: CHILD_SESSION, kind: 'paper', symbols: options.symbols, capital: 100_000, definition },
    live: tailOf(had, options),
    keepEvery: 3,
    venue,
  }));
  await database.close();
  process.stdout.write('ended\n');
}

const [url, options] = process.argv.slice(2);
if (process.argv[1]?.endsWith('venue-session-child.ts') === true) {
  await main(url!, JSON.parse(options!) as VenueChildOptions);
}
