import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import type { StoredSeries } from '../bars/bar-series-store.ts';
import type { BarSource } from '../sources/bar-source.ts';
import type { MissingActions, SourcedActions } from '../sources/vendor-actions-source.ts';
import type { VendorName } from '../vendors/vendor.ts';
import { recordActions } from './action-store.ts';

/** Opens of bars, `[fromMs, toMs)`. */
interface OpenRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was got of the splits and dividends of one series. */
export interface FetchedActions {
  /** Who gave them; null where nobody did. */
  readonly vendor: VendorName | null;
  /** Why it is another vendor than the series'; null where it is not. */
  readonly because: string | null;
  readonly splits: number;
  readonly dividends: number;
  /** Why there are none; null where the vendor gave what it has. */
  readonly missing: string | null;
  /** What could not be used, in words. */
  readonly passedOver: readonly string[];
}

/** What stands in the store as the origin of a vendor's actions. */
const vendorOrigin = (vendor: VendorName): string => `${vendor} corporate actions`;

/**
 * Asks the source for the splits and dividends of all bars of `symbol` that are stored or wanted, with opens in
 * `range`. Null where the source has no such thing. Throws VendorError.
 */
export async function askForActions(
  source: BarSource,
  symbol: string,
  { stored, range }: { readonly stored: StoredSeries | undefined; readonly range: OpenRange },
): Promise<SourcedActions | MissingActions | null> {
  if (source.actions === undefined) return null;
  const { firstOpenMs, lastOpenMs } = stored !== undefined && stored.bars > 0 ? stored : NO_BARS;
  const fromMs = Math.min(range.fromMs, firstOpenMs);
  const toMs = Math.max(range.toMs, lastOpenMs + 1);
  return source.actions(symbol, { fromMs, toMs });
}

const NO_BARS = { firstOpenMs: Infinity, lastOpenMs: -Infinity };

/**
 * Puts what a source was asked for on record. What a file or another vendor put there stays. Throws ChangedActionsError
 * where the vendor says something else than before, unless revising.
 */
export async function recordAskedActions(
  access: Transactional,
  series: StoredSeries,
  { asked, revise }: { readonly asked: SourcedActions | MissingActions | null; readonly revise: boolean },
): Promise<FetchedActions | null> {
  if (asked === null) return null;
  const none = { vendor: null, because: null, splits: 0, dividends: 0, missing: null, passedOver: [] };
  if ('missing' in asked) return { ...none, missing: asked.missing };
  const { vendor, because, actions, passedOver, fromDay, toDay } = asked;
  await recordActions(access, series, actions, { origin: vendorOrigin(vendor), revise, part: { fromDay, toDay } });
  const splits = actions.filter(({ kind }) => kind === 'split').length;
  return { vendor, because, splits, dividends: actions.length - splits, missing: null, passedOver };
}

interface SeriesWithActions {
  readonly symbol: string;
  readonly fetchedActions: FetchedActions | null;
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/**
 * What people are told about the splits and dividends of series from vendors: who gave how many, and what is missing
 * and why.
 */
export function fetchedActionsStatements(series: readonly SeriesWithActions[]): string[] {
  const fetched = series.flatMap(({ symbol, fetchedActions }) =>
    fetchedActions === null ? [] : [{ symbol, ...fetchedActions }],
  );
  const vendors = [...new Set(fetched.flatMap(({ vendor }) => (vendor === null ? [] : [vendor])))];
  const sums = vendors.map((name) => {
    const own = fetched.filter(({ vendor }) => vendor === name);
    const [splits, dividends] = (['splits', 'dividends'] as const).map((kind) =>
      own.reduce((sum, one) => sum + one[kind], 0),
    );
    return `${counted(splits!, 'split')} and ${counted(dividends!, 'dividend')} of ${counted(own.length, 'stock')} from ${name}.`;
  });
  const missing = fetched.flatMap(({ symbol, missing: why }) =>
    why === null ? [] : [`${symbol}: splits and dividends are missing, nothing is taken out of its bars: ${why}`],
  );
  const passedOver = fetched.flatMap((one) => one.passedOver.map((what) => `${one.symbol}: ${what}, and is left out.`));
  return [...sums, ...missing, ...passedOver];
}
