import type { BarColumns } from '../../../features/bar.ts';
import type { Instrument } from '../../../features/instrument.ts';
import type { Clock } from '../../../infra/clock.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Random } from '../../../infra/random.ts';
import type { Sleep } from '../../../infra/sleep.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import { splitRange, type Window } from '../pages/split-range.ts';
import { askVendors, type Answer, type ManagedVendor } from './ask-vendors.ts';
import { HISTORY_PATIENCE, QUOTE_PATIENCE, type Patience } from './patience.ts';
import type { ActionsRequest, VendorActions } from '../vendor-actions.ts';
import { VendorError } from '../vendor-error.ts';
import type { HistoryRequest, Quote, Vendor, VendorCallOptions, VendorName } from '../vendor.ts';

export interface DataManagerOptions {
  /** In the order in which they stand in for each other. */
  readonly vendors: readonly ManagedVendor[];
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Jitter of the waits after which all are asked again. */
  readonly random: Random;
}

/** A piece of a series, from one vendor. */
export interface VendorPiece {
  readonly vendor: VendorName;
  /** Why it is not the vendor that was asked first; null where it is. */
  readonly because: string | null;
  /** The window asked for; pieces of one vendor follow each other without holes between their windows. */
  readonly window: Window;
  readonly bars: BarColumns;
}

export interface ManagedHistoryOptions extends VendorCallOptions {
  /** The vendor to ask first. */
  readonly first: VendorName;
  /** Ask no other: what is compared with stored bars has to come from where they came from. */
  readonly only?: boolean | undefined;
  /** Hears of every window that another vendor gave, and of waits where all are out. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** A window whose pages contradict each other is fetched again so often in all. */
const WINDOW_TRIES = 3;

/**
 * Several vendors as one. Bars come window by window, each whole from one vendor; where that vendor is out, the next
 * one that trades the same instrument stands in for the window, and the piece says so; the vendor is tried again as
 * soon as its gate lets a trial pass. Refusals (wrong key, unknown symbol) are not covered up by another vendor.
 */
export class DataManager {
  readonly #vendors: readonly ManagedVendor[];
  readonly #clock: Clock;
  readonly #waits: { readonly sleep: Sleep; readonly random: Random };

  constructor({ vendors, clock, sleep, random }: DataManagerOptions) {
    this.#vendors = vendors;
    this.#clock = clock;
    this.#waits = { sleep, random };
  }

  /**
   * The instrument behind `symbol` at `name`. Throws InputError where the vendor is not configured or does not trade
   * it.
   */
  instrument(name: VendorName, symbol: string): Instrument {
    const found = this.vendor(name).instrumentOf(symbol);
    if (found !== undefined) return found;
    const others = this.#vendors.filter(({ vendor }) => vendor.instrumentOf(symbol) !== undefined);
    const remedy = others.map(({ vendor }) => vendor.name).join(' or ');
    throw new InputError(
      `${name} has no symbol ${JSON.stringify(symbol)}.`,
      remedy === '' ? 'Write stocks like AAPL and crypto like BTC/USD, in capitals.' : `Ask ${remedy} for it.`,
    );
  }

  /** The vendor of that name. Throws InputError where it is not configured. */
  vendor(name: VendorName): Vendor {
    const found = this.#vendors.find(({ vendor }) => vendor.name === name);
    if (found !== undefined) return found.vendor;
    throw new InputError(`${name} is not configured.`, `\`signalbox doctor\` says what ${name} needs.`);
  }

  /** Whether `name` can be asked for `symbol`. */
  trades(name: VendorName, symbol: string): boolean {
    return this.has(name) && this.vendor(name).instrumentOf(symbol) !== undefined;
  }

  /** Whether `name` can be asked. */
  has(name: VendorName): boolean {
    return this.#vendors.some(({ vendor }) => vendor.name === name);
  }

  /** Raw closed bars, ascending, without repeats. Throws InputError and VendorError; see the class. */
  async *history(request: HistoryRequest, options: ManagedHistoryOptions): AsyncGenerator<VendorPiece> {
    const { symbol, timeframe } = request;
    this.instrument(options.first, symbol);
    const fromMs = Math.max(request.fromMs, this.vendor(options.first).earliestMs(symbol));
    const range = { fromMs, toMs: Math.min(request.toMs, this.#clock()) };
    for (const window of splitRange(range, timeframe, calendarNamed(request.calendar))) {
      const found = await this.#fetchWindow({ ...request, ...window }, options);
      if (found.because !== null) options.onNote?.(noteOf(symbol, { ...found, window }));
      for (const bars of found.pieces) yield { vendor: found.vendor, because: found.because, window, bars };
    }
  }

  /** The latest quote, from the first vendor that has one. */
  async latestQuote(
    symbol: string,
    options: ManagedHistoryOptions,
  ): Promise<{ readonly vendor: VendorName; readonly because: string | null; readonly quote: Quote }> {
    this.instrument(options.first, symbol);
    const { signal, first } = options;
    const all = this.#candidates(symbol, options, -Infinity);
    const candidates = all.filter(({ vendor }) => vendor.noQuoteBecause?.(symbol) === undefined);
    const passedOver = this.vendor(first).noQuoteBecause?.(symbol);
    if (candidates.length === 0) throw new InputError(passedOver!, 'Configure another vendor that trades the symbol.');
    const ask = ({ vendor }: ManagedVendor, patience: Patience): Promise<Quote> =>
      vendor.latestQuote(symbol, { signal, patience });
    const question = { ...options, candidates, passedOver, patience: QUOTE_PATIENCE, ask };
    const { vendor, value, because } = await askVendors(question, this.#waits);
    return { vendor, because, quote: value };
  }

  /**
   * Splits and dividends of a stock, from the first vendor that has any and answers. Throws InputError and VendorError.
   */
  async actions(request: ActionsRequest, options: ManagedHistoryOptions): Promise<Answer<VendorActions>> {
    this.instrument(options.first, request.symbol);
    const { signal, first } = options;
    const all = this.#candidates(request.symbol, options, -Infinity);
    const candidates = all.filter(({ vendor }) => vendor.actions !== undefined);
    if (candidates.length === 0) throw new InputError(`${first} has no splits and dividends.`, 'Give them in a file.');
    const ask = ({ vendor }: ManagedVendor, patience: Patience): Promise<VendorActions> =>
      vendor.actions!(request, { signal, patience });
    return askVendors({ ...options, candidates, patience: HISTORY_PATIENCE, ask }, this.#waits);
  }

  async #fetchWindow(request: HistoryRequest, options: ManagedHistoryOptions) {
    const candidates = this.#candidates(request.symbol, options, request.fromMs);
    const { signal } = options;
    const ask = (one: ManagedVendor, patience: Patience): Promise<BarColumns[]> =>
      fetchWhole(one, request, { signal, patience });
    const question = { ...options, candidates, patience: HISTORY_PATIENCE, ask };
    const { vendor, value, because } = await askVendors(question, this.#waits);
    return { vendor, because, pieces: value };
  }

  /** Who may be asked, in order: the first choice, then those that trade the same instrument. */
  #candidates(symbol: string, { first, only }: ManagedHistoryOptions, fromMs: number): readonly ManagedVendor[] {
    const chosen = this.#vendors.filter(({ vendor }) => vendor.name === first);
    if (only === true) return chosen;
    const wanted = this.instrument(first, symbol);
    const standIns = this.#vendors.filter(({ vendor }) => {
      const other = vendor.name === first ? undefined : vendor.instrumentOf(symbol);
      const same = other?.assetClass === wanted.assetClass && other.currency === wanted.currency;
      // A vendor whose history begins later would leave out bars without a word.
      return same && (fromMs === -Infinity || vendor.earliestMs(symbol) <= fromMs);
    });
    return [...chosen, ...standIns];
  }
}

/** All pieces of a window, before any of them is handed on. */
async function fetchWhole(
  { vendor, gate }: ManagedVendor,
  request: HistoryRequest,
  options: VendorCallOptions,
): Promise<BarColumns[]> {
  for (let attempt = 1; ; attempt++) {
    const pieces: BarColumns[] = [];
    try {
      for await (const bars of vendor.history(request, options)) pieces.push(bars);
      return pieces;
    } catch (error) {
      // Answers that make no sense by themselves were asked for again at the gate; here are those that contradict each
      // other.
      const again = error instanceof VendorError && error.kind === 'malformed' && !gate.broken;
      if (!again || attempt >= WINDOW_TRIES) throw error;
    }
  }
}

const day = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

function noteOf(
  symbol: string,
  { vendor, because, window }: Pick<VendorPiece, 'vendor' | 'because' | 'window'>,
): string {
  return `${vendor} stands in for ${symbol} from ${day(window.fromMs)} to ${day(window.toMs)}: ${because}`;
}
