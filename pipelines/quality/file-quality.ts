import { sliceBarColumns } from '../../features/bar.ts';
import type { DatedAction } from '../adjustments/corporate-action.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { daysRangeMs } from '../calendars/calendar.ts';
import { utcDayOf, type Day } from '../calendars/day.ts';
import { readInspectableBars, type InspectableBars } from '../sources/inspectable-bars.ts';
import type { RowFault, RowPlace } from '../sources/files/row-fault.ts';
import { DAY_MS, type Timeframe } from '../../features/timeframe.ts';
import type { DialectOptions } from '../dialects/file-dialect.ts';
import type { Taken } from '../sources/files/taken.ts';
import { FaultKinds, rowFinding } from './fault-kinds.ts';
import { FindingList } from './finding-list.ts';
import { notANumber } from './not-a-number.ts';
import type { Finding } from './quality-check.ts';
import { QUALITY_CHECKS, QualityInspector } from './quality-inspector.ts';
import type { SeriesQuality } from './quality-store.ts';

export interface FileQualityOptions {
  readonly symbols?: readonly string[] | undefined;
  readonly calendar: Calendar;
  readonly timeframe?: Timeframe | undefined;
  /** What the user says of the file that it does not say itself. */
  readonly dialect?: DialectOptions | undefined;
  /** First and last trading day to look at, inclusive. */
  readonly from?: Day | undefined;
  readonly to?: Day | undefined;
  /** The splits and dividends on record of each of the file's symbols. */
  readonly actionsOf?:
    ((symbols: readonly string[], timeframe: Timeframe) => Promise<readonly (readonly DatedAction[])[]>) | undefined;
}

/** What is wrong with a file, by symbol, and what it was taken for; null where none of its rows has a time. */
export interface FileQuality {
  readonly series: SeriesQuality[];
  readonly taken: Taken | null;
}

/** A bar without values was told of row by row, with what stands there. */
const CHECKS = QUALITY_CHECKS.filter((check) => check !== notANumber);

/** Whether a row is of the days asked for; one whose time cannot be read may be. */
function isAskedFor({ timeMs }: RowFault, { calendar, from, to }: FileQualityOptions): boolean {
  if (Number.isNaN(timeMs)) return true;
  const day = timeMs % DAY_MS === 0 ? utcDayOf(timeMs) : calendar.dayAt(timeMs);
  return day >= (from ?? -Infinity) && day <= (to ?? Infinity);
}

/** In the order of the files; what has no place last. */
function byPlace(findings: readonly Finding[]): Finding[] {
  const files = new Map<string, number>();
  for (const { place } of findings) if (place !== undefined) files.set(place.file, files.size);
  const names = [...files.keys()].sort();
  const rank = (place: RowPlace | undefined): number => (place === undefined ? Infinity : names.indexOf(place.file));
  return [...findings].sort((a, b) => {
    const [x, y] = [rank(a.place), rank(b.place)];
    if (x !== y) return x < y ? -1 : 1;
    return (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.check < b.check ? -1 : Number(a.check > b.check));
  });
}

/** Puts the bars of the days asked for through the checks; each finding gets the place of its bar. */
function inspect(
  { bars, timeframe, placeOf }: InspectableBars,
  options: FileQualityOptions & { readonly actions: readonly DatedAction[]; readonly found: FindingList },
): SeriesQuality {
  const { calendar, from, to, actions, found } = options;
  const { fromMs, toMs } = daysRangeMs(calendar, from, to);
  const first = bars.openTimeMs.findIndex((timeMs) => timeMs >= fromMs);
  const last = bars.openTimeMs.findLastIndex((timeMs) => timeMs < toMs);
  const start = first === -1 ? bars.length : first;
  const piece = sliceBarColumns(bars, start, Math.max(start, last + 1));
  const inspector = new QualityInspector(
    { calendar, timeframe, assetClass: 'unknown', actions },
    { checks: CHECKS, found },
  );
  inspector.inspect(piece);
  const { counts, findings, bars: count } = inspector.finish();
  const rowAt = new Map<number, number>();
  findings.forEach((finding) => rowAt.set(finding.openTimeMs, -1));
  bars.openTimeMs.forEach((timeMs, row) => {
    if (rowAt.has(timeMs)) rowAt.set(timeMs, row);
  });
  const placed = findings.map((finding): Finding => {
    const row = rowAt.get(finding.openTimeMs)!;
    return finding.place !== undefined || row === -1 ? finding : { ...finding, place: placeOf(row) };
  });
  const { error: errors, warning: warnings, info: infos } = counts;
  return { seriesId: 0, symbol: bars.symbol, bars: count, errors, warnings, infos, findings: byPlace(placed) };
}

/**
 * What is wrong with bars files, all of it, with file and line: rows that cannot be read, are impossible or out of
 * order, and what the checks say of the rest. By symbol; rows that do not say whose they are come first, under an empty
 * name. Throws InputError for what is no bars file at all.
 */
export async function fileQuality(path: string, options: FileQualityOptions): Promise<FileQuality> {
  const lists = new Map<string, FindingList>();
  const listOf = (symbol: string): FindingList => {
    const list = lists.get(symbol) ?? new FindingList();
    lists.set(symbol, list);
    return list;
  };
  const kinds = new FaultKinds();
  const { series: universe, taken } = await readInspectableBars(path, options, (fault) => {
    if (isAskedFor(fault, options) && !kinds.add(fault)) listOf(fault.symbol).add(rowFinding(fault));
  });
  kinds.tell((symbol, finding, rows) => listOf(symbol).add(finding, rows));
  const symbols = universe.map(({ bars }) => bars.symbol);
  const actions = taken === null ? undefined : await options.actionsOf?.(symbols, taken.timeframe);
  const series = universe.map((one, s) =>
    inspect(one, { ...options, actions: actions?.[s] ?? [], found: listOf(one.bars.symbol) }),
  );
  const nobodys = lists.get('');
  const all = nobodys === undefined ? series : [ofNobody(nobodys), ...series];
  return { series: all.map((one, seriesId) => ({ ...one, seriesId })), taken };
}

function ofNobody(list: FindingList): SeriesQuality {
  const { error: errors, warning: warnings, info: infos } = list.counts;
  return { seriesId: 0, symbol: '', bars: 0, errors, warnings, infos, findings: byPlace(list.finish()) };
}
