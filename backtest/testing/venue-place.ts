import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, MINUTE_MS } from '../../features/timeframe.ts';
import { systemClock } from '../../infra/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { alpacaProtocol } from '../../pipelines/feeds/testing/alpaca-protocol.ts';
import { StreamServer } from '../../pipelines/feeds/testing/stream-server.ts';
import type { VendorBar } from '../../pipelines/vendors/pages/bar-page.ts';
import { FAKE_KEYS } from '../../pipelines/vendors/testing/fake-request.ts';
import { startFakeVendorServer, type FakeVendorServer } from '../../pipelines/vendors/testing/fake-vendor-server.ts';
import { STAND_IN_KEYS, StandInVenue, type StandInOptions } from '../../trading/testing/venue/stand-in-venue.ts';
import { startSignalbox, type Ended, type RunningProcess } from './run-process.ts';
import { SteeredClock } from './steered-clock.ts';

/** Days from now until a place's day: the database stamps what begins by the machine's clock, which is to be before. */
const DAYS_AHEAD = 7;
/** After a close its bar is there. */
const COMES_AFTER_MS = 200;
/** After an open, early enough for a session to be there before the close. */
const BEGINS_AFTER_MS = 1_000;

export interface VenuePlaceOptions {
  readonly symbol: string;
  /** The open of the first bar that comes live; those of before are known to the vendor. */
  readonly fromMs: number;
  /** Minutes that are known then. */
  readonly known: number;
  /** Price at the open of a minute, counted from `fromMs`; before it, too. */
  readonly price: (minute: number) => number;
  readonly venue?: Partial<StandInOptions>;
  /** What processes are started with besides. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Alpaca as the command line sees it, all of it on the loopback: the account's venue, the vendor's history and its
 * stream of minutes, under a clock that is put forward bar by bar.
 */
export class VenuePlace {
  readonly folder: string;
  readonly clock: SteeredClock;
  readonly database: TestDatabase;
  readonly venue: StandInVenue;
  readonly #vendor: FakeVendorServer;
  readonly #stream: StreamServer;
  readonly #options: VenuePlaceOptions;
  /** Minutes that have been streamed. */
  #streamed = 0;

  private constructor(
    options: VenuePlaceOptions,
    at: Pick<VenuePlace, 'folder' | 'clock' | 'database' | 'venue'> & {
      vendor: FakeVendorServer;
      stream: StreamServer;
    },
  ) {
    this.#options = options;
    this.folder = at.folder;
    this.clock = at.clock;
    this.database = at.database;
    this.venue = at.venue;
    this.#vendor = at.vendor;
    this.#stream = at.stream;
  }

  static async open(options: VenuePlaceOptions): Promise<VenuePlace> {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-venue-'));
    const clock = new SteeredClock(folder, options.fromMs + BEGINS_AFTER_MS);
    const database = await createTestDatabase();
    const venue = await StandInVenue.start({ clock: clock.now, seed: 1, ...options.venue });
    const market = {
      bars: (symbol: string) => (symbol === options.symbol ? barsUntil(options, clock.now()) : undefined),
      quote: () => undefined,
    };
    const keys = { ...FAKE_KEYS, alpacaKeyId: STAND_IN_KEYS.keyId, alpacaSecret: STAND_IN_KEYS.secretKey };
    const vendor = await startFakeVendorServer({ market, keys });
    const stream = await StreamServer.start(alpacaProtocol);
    const place = new VenuePlace(options, { folder, clock, database, venue, vendor, stream });
    venue.books.trade(options.symbol, options.price(0).toFixed(2));
    venue.run(5);
    return place;
  }

  async end(): Promise<void> {
    await Promise.all([this.venue.stop(), this.#vendor.close(), this.#stream.stop()]);
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A file of the place, by its path. */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  get env(): Record<string, string> {
    const { keyId, secretKey } = STAND_IN_KEYS;
    return {
      ...{ DATABASE_URL: this.database.url, SIGNALBOX_HOME: join(this.folder, 'home') },
      ...{ REDIS_URL: '', MLFLOW_TRACKING_URI: '', ALPACA_API_KEY_ID: keyId, ALPACA_API_SECRET_KEY: secretKey },
      ...{ ALPACA_TRADING_URL: this.venue.url, ALPACA_DATA_URL: this.#vendor.url },
      ...{ ALPACA_STREAM_URL: this.#stream.url },
      ...this.clock.env,
    };
  }

  /** Starts a command line in a process of its own. */
  start(words: readonly string[]): RunningProcess {
    return startSignalbox(words, this.#options.env, this.env);
  }

  run(words: readonly string[]): Promise<Ended> {
    return this.start(words).ended;
  }

  /** Minutes that have come live. */
  get minutes(): number {
    return this.#streamed;
  }

  /** Starts a session in a process of its own; it listens, the venue agrees with its books, and it has every bar. */
  async session(words: readonly string[], id: string): Promise<RunningProcess> {
    const before = await this.agreements(id);
    const running = this.start([...words, '--session', id]);
    let over: Ended | null = null;
    const ended = running.ended.then((how) => (over = how));
    await Promise.race([this.until(async () => over !== null || (await this.isThere(id, before))), ended]);
    if (over !== null) throw new Error(`the session ended at once: ${(over as Ended).stderr}`);
    await this.had(id);
    return running;
  }

  /** How often the venue has agreed with a session's books after its connection was made. */
  async agreements(id: string): Promise<number> {
    const sql = `SELECT 1 FROM signalbox.venue_inputs
       WHERE session_id = $1 AND event->>'kind' = 'connectivity' AND event->>'connected' = 'true'`;
    return (await this.rows(sql, id)).length;
  }

  /** It listens to the market, and the venue has agreed with its books since. */
  async isThere(id: string, agreementsBefore: number): Promise<boolean> {
    return this.#stream.listeners > 0 && (await this.agreements(id)) > agreementsBefore;
  }

  /**
   * The minute under way closes, its bar comes, and the session has it. From the close on the venue trades at the price
   * of the next open, or at another that is given.
   */
  async minute(session: string, at?: number): Promise<void> {
    await this.turn(at);
    this.bar();
    await this.had(session);
  }

  /** The minute under way is over, and the venue trades. */
  async turn(at = this.#options.price(this.#streamed + 1)): Promise<void> {
    const { symbol, fromMs } = this.#options;
    await this.clock.reach(fromMs + (this.#streamed + 1) * MINUTE_MS + COMES_AFTER_MS);
    this.venue.books.trade(symbol, at.toFixed(2));
  }

  /** The bar of the minute that is over comes. */
  bar(): void {
    const { timeMs: openTimeMs, ...values } = barOf(this.#options, this.#streamed);
    const bar = { openTimeMs, closeTimeMs: openTimeMs + MINUTE_MS, ...values };
    this.#streamed += 1;
    this.#stream.send(alpacaProtocol.bar(this.#options.symbol, bar));
  }

  /** Waits until the session is through with every minute that has closed. */
  async had(session: string): Promise<void> {
    const closeMs = this.#options.fromMs + this.#streamed * MINUTE_MS;
    const sql = 'SELECT 1 FROM signalbox.sessions WHERE id = $1 AND last_close >= $2';
    await this.until(async () => (await this.rows(sql, session, new Date(closeMs))).length > 0);
  }

  /** Looks until something is there, or holds: the suite's own limit ends it where it never does. */
  async until<Found>(look: () => Found | Promise<Found>): Promise<NonNullable<Found>> {
    for (;;) {
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      await sleep(10);
    }
  }

  async rows<Row>(sql: string, ...values: readonly unknown[]): Promise<Row[]> {
    return (await this.database.pool.query(sql, [...values])).rows as Row[];
  }
}

/** The next day of a calendar that is far enough ahead. */
export function dayAhead(calendar: Calendar): number {
  let day = calendar.dayAt(systemClock() + DAYS_AHEAD * DAY_MS);
  while (calendar.hoursOf(day) === undefined) day += 1;
  return day;
}

function barOf({ fromMs, price }: VenuePlaceOptions, minute: number): VendorBar {
  const [open, close] = [price(minute), price(minute + 1)];
  const [high, low] = [Math.max(open, close), Math.min(open, close)];
  return { timeMs: fromMs + minute * MINUTE_MS, open, high, low, close, volume: 1_000 };
}

/** What the vendor has by then: minutes that have closed. */
function barsUntil(options: VenuePlaceOptions, nowMs: number): VendorBar[] {
  const closed = Math.floor((nowMs - options.fromMs) / MINUTE_MS);
  return Array.from({ length: options.known + closed }, (_, row) => barOf(options, row - options.known));
}
