import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../../infra/package-root.ts';
import { openDatabase, type Database } from '../../../infra/postgres/database.ts';
import type { Random } from '../../../infra/random.ts';
import { SOURCE_ARGUMENTS } from '../../../infra/testing/source-arguments.ts';
import { listSessions } from '../../../trading/sessions/session-store.ts';
import { recordedBooks, type RecordedBooks } from '../../../trading/testing/venue/recorded-books.ts';
import { startAlpacaMortal, startAlpacaParts } from '../../../trading/testing/venue/alpaca/alpaca-mortal.ts';
import { startFuturesMortal } from '../../../trading/testing/venue/binance/futures/futures-mortal.ts';
import { startBinanceMortal } from '../../../trading/testing/venue/binance/binance-mortal.ts';
import type { MortalVenue, StartMortalVenue } from '../../../trading/testing/venue/mortal-venue.ts';
import { walkAt } from '../../../trading/testing/venue/kept-session.ts';
import { NO_FAULTS, seededFaults } from '../../../trading/testing/venue/stand-in-faults.ts';
import { CHILD_SESSION, DEATHS, type VenueChildOptions } from '../../../trading/testing/venue/venue-session-child.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from '../proof.ts';

const CHILD = join(packageRoot(), 'trading', 'testing', 'venue', 'venue-session-child.ts');
/** Deaths of one session, and bars that it has in all. */
const KILLS = 5;
const BARS = 25;
/** The n-th time that it gets to a point. */
const NTH_MAX = 4;

/** Starts of one session that may fail for a lost answer before anything is done: they are made again. */
const FAILED_MAX = 10;

/** Runs the session until it dies or ends; a start that fails is made again. True where it was killed. */
async function oneLife(url: string, options: VenueChildOptions, onMarket: () => void): Promise<boolean> {
  for (let failed = 0; ; failed++) {
    const child = spawn(process.execPath, [...SOURCE_ARGUMENTS, CHILD, url, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)));
    for await (const line of createInterface({ input: child.stdout })) if (line === 'market') onMarket();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    if (child.signalCode === 'SIGKILL') return true;
    if (child.exitCode === 0) return false;
    if (!/(alpaca|binance(-futures)?) (did not tell|gave an answer)/.test(said)) {
      throw new Error(`the session ended with ${child.exitCode}:\n${said}`);
    }
    if (failed === FAILED_MAX) throw new Error(`the session never started:\n${said}`);
  }
}

async function hasEnded({ pool }: Database): Promise<boolean> {
  const [session] = await listSessions(pool, { ids: [CHILD_SESSION] });
  return session?.state === 'ended';
}

/** A session that is killed again and again at one venue, which goes on trading. */
async function disturb(
  database: Database,
  { venue, name, brackets, parts }: { readonly venue: MortalVenue } & Omit<KilledAt, 'start'>,
  random: Random,
): Promise<{ kills: number; deaths: string }> {
  const seed = random.integer(1_000_000);
  const { market, stop: stopWalking } = walkAt(venue, seed);
  venue.faults = seededFaults(random.fork('faults'), { requests: 0.03, messages: 0.03 });
  const { symbols, longShort, url: venueUrl } = venue;
  const base = { venue: name, symbols, longShort, brackets, parts, venueUrl, seed, bars: BARS };
  const deaths: string[] = [];
  // It has had its bars: the market stands still, so that what was ordered can be settled.
  const onMarket = (): void => {
    market.closed = true;
    venue.faults = NO_FAULTS;
  };
  try {
    for (let life = 0; life < KILLS; life++) {
      const death = DEATHS[random.integer(DEATHS.length)]!;
      const killed = await oneLife(database.url, { ...base, death, nth: 1 + random.integer(NTH_MAX) }, onMarket);
      if (!killed) break;
      deaths.push(death);
      // Killed after its end was on record: nothing begins it anew.
      if (await hasEnded(database)) break;
    }
    if (!(await hasEnded(database))) await oneLife(database.url, base, onMarket);
  } finally {
    stopWalking();
  }
  return { kills: deaths.length, deaths: deaths.join(' ') };
}

/** Where a session is killed. */
interface KilledAt {
  readonly name: VenueChildOptions['venue'];
  readonly start: StartMortalVenue;
  /** Its entries leave with their exits; the venue refuses some of these, and then nothing is to protect. */
  readonly brackets?: boolean;
  /** It trades parts of shares, which are protected so. */
  readonly parts?: VenueChildOptions['parts'];
}

function compare(venue: MortalVenue, ours: RecordedBooks): CaseFigures & { readonly bare: number } {
  const { orders, executions, positions, cash, bare } = venue.books();
  const theirs = [...executions].sort();
  const mine = [...ours.executions].sort();
  return {
    orders: orders.length,
    executions: theirs.length,
    sameExecutions: JSON.stringify(theirs) === JSON.stringify(mine),
    samePositions: venue.symbols.every((symbol) => positions[symbol] === (ours.positions[symbol] ?? '0')),
    sameCash: cash === ours.cash,
    twice: orders.length - new Set(orders).size,
    bare: bare.length,
  };
}

async function runCase(
  { random, index }: CaseContext,
  { name, start, brackets = false, parts }: KilledAt,
): Promise<CaseFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-prove-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  const venue = await start({ seed: index, shownAfterMs: 60 });
  try {
    const database = await openDatabase({ databaseUrl: null, dataDir: join(folder, 'home') });
    try {
      const disturbed = await disturb(database, { venue, name, brackets, parts }, random);
      const compared = compare(venue, await recordedBooks(database, CHILD_SESSION));
      return { ...disturbed, brackets, parts: parts ?? 'none', ...compared, bare: brackets ? 0 : compared.bare };
    } finally {
      await database.close();
    }
  } finally {
    await venue.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const sum = (cases: readonly CaseFigures[], name: string): number =>
  cases.reduce((total, figures) => total + Number(figures[name]), 0);

function conclude(cases: readonly CaseFigures[]): ReturnType<Proof['conclude']> {
  return {
    holds: cases.every(
      ({ sameExecutions, samePositions, sameCash, twice, bare }) =>
        sameExecutions === true && samePositions === true && sameCash === true && twice === 0 && bare === 0,
    ),
    figures: {
      sessions: cases.length,
      kills: sum(cases, 'kills'),
      orders: sum(cases, 'orders'),
      executions: sum(cases, 'executions'),
      sameExecutions: share(cases, 'sameExecutions'),
      samePositions: share(cases, 'samePositions'),
      sameCash: share(cases, 'sameCash'),
      twice: sum(cases, 'twice'),
      bare: sum(cases, 'bare'),
    },
  };
}

const PARTS = ['stop', 'target', 'trailing', 'followed'] as const;

/** Sessions at a venue that die while it goes on trading, loses answers and shows orders late. */
export const VENUE_KILL_PROOFS: readonly Proof[] = [
  {
    name: 'alpaca-kills',
    shows:
      'sessions at Alpaca, a third of which trade brackets and a third parts of shares in days that end, with stops, ' +
      'targets and trailing stops, killed some 500 times from signal to fill end with its books, each stop live',
    count: 120,
    run: (context) =>
      context.index % 3 === 1
        ? runCase(context, {
            name: 'alpaca',
            start: startAlpacaParts,
            parts: PARTS[Math.floor(context.index / 3) % PARTS.length]!,
          })
        : runCase(context, { name: 'alpaca', start: startAlpacaMortal, brackets: context.index % 3 === 2 }),
    conclude,
  },
  {
    name: 'binance-kills',
    shows:
      'sessions at Binance, spot and futures in turn, killed some 200 times end with its books, though it takes ids ' +
      'again after a fill',
    count: 50,
    run: (context) =>
      context.index % 2 === 0
        ? runCase(context, { name: 'binance', start: startBinanceMortal })
        : runCase(context, { name: 'binance-futures', start: startFuturesMortal }),
    conclude,
  },
];
