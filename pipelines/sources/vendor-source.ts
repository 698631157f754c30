import { sliceBarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import type { DataOptions } from '../data-options.ts';
import type { DataManager } from '../vendors/asking/data-manager.ts';
import { requireVendor, type VendorAccess } from '../vendors/vendor-access.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import type { VendorName } from '../vendors/vendor.ts';
import type { BarSource, SourcedBars } from './bar-source.ts';
import { fetchSourcedActions } from './vendor-actions-source.ts';

/** Days of stored bars that are asked for again: vendors correct the last days, rarely anything older. */
const RECHECK_DAYS = 5;
/**
 * Bars younger than this after their close are left for the next time: late trades still change them, and what is
 * stored may not change. Daily stock bars count trades until 20:00 New York time, four hours after the close.
 */
const SETTLE_MS = { daily: 4.5 * 3_600_000, intraday: 60_000 };

export interface VendorSourceOptions {
  /** The vendor asked first, after which the series are named. */
  readonly vendor: VendorName;
  readonly symbols: readonly string[] | undefined;
  readonly data: Pick<DataOptions, 'timeframe' | 'calendar'>;
  readonly access: VendorAccess;
  readonly signal?: AbortSignal | undefined;
  /** Hears of waits and of vendors that stand in for others. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/**
 * A vendor, and those that stand in for it, as a source. Throws InputError where it is not configured or no symbols are
 * named.
 */
export function createVendorSource(options: VendorSourceOptions): BarSource {
  const { vendor, symbols, data, access, signal, onNote } = options;
  requireVendor(vendor, access.settings);
  if (symbols === undefined) {
    throw new InputError(`${vendor} holds too many symbols to take them all.`, 'Name the symbols of the universe.');
  }
  // The SDKs take half a second to load: other sources do without them.
  let opening: Promise<DataManager> | undefined;
  const open = (): Promise<DataManager> =>
    (opening ??= import('../vendors/asking/open-data-manager.ts').then(({ openDataManager }) =>
      openDataManager({
        ...access,
        onRetry: ({ delayMs, error }) => onNote?.(`${error.message}; asked again in ${Math.round(delayMs / 1000)} s`),
      }),
    ));
  return {
    name: vendor,
    recheckBars: RECHECK_DAYS,
    series: async () => {
      const manager = await open();
      return symbols.map((symbol) => {
        const instrument = manager.instrument(vendor, symbol);
        const origin = manager.vendor(vendor).originOf(symbol);
        return {
          source: vendor,
          origin,
          symbol,
          timeframe: data.timeframe,
          calendar: data.calendar,
          instrument,
          sourceStatement: `Raw prices from ${vendor} (${origin}).`,
        };
      });
    },
    actions: async (symbol, range) => {
      const manager = await open();
      if (manager.instrument(vendor, symbol).assetClass !== 'equity') return null;
      const fromMs = Math.max(range.fromMs, manager.vendor(vendor).earliestMs(symbol));
      const toMs = Math.min(range.toMs, access.clock());
      if (fromMs >= toMs) return null;
      const ask = { symbol, calendar: data.calendar, fromMs, toMs };
      return fetchSourcedActions(manager, ask, { first: vendor, signal, onNote });
    },
    async *bars(symbol, fromMs, { toMs = Infinity, only, onWhole } = {}) {
      const manager = await open();
      const first = only ?? vendor;
      if (!manager.has(first)) {
        onNote?.(`${symbol}: its last bars are from ${first}, which is not configured, and were not compared again.`);
        return;
      }
      const equity = manager.instrument(vendor, symbol).assetClass === 'equity';
      const settleMs = data.timeframe === '1d' && equity ? SETTLE_MS.daily : SETTLE_MS.intraday;
      const settledMs = access.clock() - settleMs;
      const request = { symbol, ...data, fromMs, toMs };
      let askedFromMs = Math.max(fromMs, manager.vendor(first).earliestMs(symbol));
      try {
        for await (const piece of manager.history(request, { first, only: only !== undefined, signal, onNote })) {
          const bars = settled(piece.bars, settledMs);
          if (bars.length === 0) break;
          const { vendor, because } = piece;
          yield { ...bars, keptOut: piece.bars.keptOut, provenance: { vendor, because, askedFromMs } };
          askedFromMs = bars.openTimeMs[bars.length - 1]! + 1;
        }
        onWhole?.(settledMs);
      } catch (error) {
        // What is new matters more than a second look at what is stored.
        if (only === undefined || !(error instanceof VendorError) || !error.retryable) throw error;
        onNote?.(`${symbol}: its last bars were not compared again. ${error.message}`);
      }
    },
  };
}

function settled(bars: SourcedBars, untilMs: number): SourcedBars {
  let length = bars.length;
  while (length > 0 && bars.closeTimeMs[length - 1]! > untilMs) length--;
  return sliceBarColumns(bars, 0, length);
}
