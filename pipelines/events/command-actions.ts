import Table from 'cli-table3';
import { EVENT_KINDS, MARKET, type EventKind } from '../../features/events/point-in-time-event.ts';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Cell, ExportColumn } from '../../infra/export/export-table.ts';
import { writeExport } from '../../infra/export/write-export.ts';
import { requireOwnOutput } from '../../infra/files/output-file.ts';
import { zoneNamed } from '../dialects/time-zone.ts';
import { parseTimeMs } from '../sources/files/bar-time.ts';
import { parseEventColumns } from './event-columns.ts';
import {
  eventHoldings,
  queryEvents,
  readEvents,
  storeEvents,
  type EventsWanted,
  type RecordedEvent,
} from './event-store.ts';
import { parseDelay } from './event-times.ts';
import { readEventsFile } from './events-file.ts';
import { ingestVendorNews } from './vendor-news.ts';
import { SENTIMENT_METHOD, withSentiment } from './sentiment.ts';

export interface EventsIngestOptions {
  readonly columns?: string;
  readonly kind?: string;
  readonly source?: string;
  readonly delay?: string;
  readonly knownAtIngestion?: boolean;
  readonly timezone?: string;
  /** False with `--no-sentiment`. */
  readonly sentiment?: boolean;
  readonly vendor?: string;
  readonly symbols?: string;
  readonly from?: string;
}

const PLAIN = { style: { head: [], border: [] } };
const iso = (timeMs: number): string => new Date(timeMs).toISOString();
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** `events ingest`. */
export async function ingestEventsCommand(
  context: CommandContext,
  options: EventsIngestOptions,
  file: string,
): Promise<CommandOutput> {
  if (options.vendor !== undefined) return ingestNews(context, options, file);
  if (file === '') throw new InputError('No file is named.', 'Give a CSV file, or --vendor alpaca --symbols AAPL.');
  const { columns, kind, source, delay, knownAtIngestion, timezone } = options;
  const stage = context.progress.stage(`read ${file}`);
  const found = await readEventsFile(file, {
    columns: columns === undefined ? {} : parseEventColumns(columns, '--columns'),
    kind: kind === undefined ? undefined : kindNamed(kind),
    source,
    delayMs: delay === undefined ? undefined : parseDelay(delay, '--delay'),
    knownAtIngestion,
    zone: timezone === undefined ? null : zoneNamed(timezone, '--timezone'),
    nowMs: context.clock(),
  });
  stage.done(`${found.rows.length} events`);
  const rows = options.sentiment === false ? found.rows : withSentiment(found.rows);
  const scored = rows.length - found.rows.length;
  const stored = await storeEvents(await context.database(), rows);
  const { duplicates, outOfOrder, cut, knownBy } = found;
  const method = scored === 0 ? null : SENTIMENT_METHOD;
  const value = { file, read: found.rows.length, duplicates, outOfOrder, cut, knownBy, scored, method, ...stored };
  return {
    value,
    text: () =>
      [
        `${file}: ${found.rows.length} events, ${duplicates} duplicates passed over, ${outOfOrder} out of order.`,
        `${stored.stored} rows put on record, ${stored.known} already there, ${stored.corrections} corrections, ` +
          `${stored.late} late.`,
        ...(method === null ? [] : [`${scored} headlines given a sentiment by ${method}, a list of words.`]),
        ...(cut === 0 ? [] : [`${cut} texts were longer than is kept, and cut.`]),
        ...(knownBy.delay === 0 ? [] : [`${knownBy.delay} became known ${delay} after their time, as declared.`]),
        ...(knownBy.ingestion === 0
          ? []
          : [`${knownBy.ingestion} carry no known time: they become known now, and no earlier backtest sees them.`]),
      ].join('\n'),
  };
}

async function ingestNews(
  context: CommandContext,
  { vendor, symbols, from, sentiment }: EventsIngestOptions,
  file: string,
): Promise<CommandOutput> {
  if (vendor !== 'alpaca') throw new InputError(`--vendor ${vendor} has no news here.`, 'Use --vendor alpaca.');
  if (file !== '') throw new InputError('A file and a vendor are named.', 'Give one of them.');
  if (symbols === undefined) throw new InputError('No symbols are named.', 'Say whose news: --symbols AAPL,MSFT.');
  const asked = { symbols: listOf(symbols), fromMs: from === undefined ? undefined : timeOf(from, '--from') };
  const value = await ingestVendorNews(context, { ...asked, sentiment: sentiment !== false });
  const { requests, read, stored, known, corrections, late, source } = value;
  return {
    value,
    text: () =>
      `${source}: ${read} rows of news in ${requests} pages; ${stored} put on record, ${known} already there, ` +
      `${corrections} corrections, ${late} late.`,
  };
}

/** `events list`. */
export async function listEventsCommand(context: CommandContext): Promise<CommandOutput> {
  const holdings = await eventHoldings(await context.database());
  const value = holdings.map(({ firstMs, lastMs, gapFromMs, ...rest }) => {
    return { ...rest, first: iso(firstMs), last: iso(lastMs), gapFrom: iso(gapFromMs) };
  });
  const text = (): string => {
    if (value.length === 0) return 'No events are on record: `signalbox events ingest FILE.csv` puts some there.';
    const head = ['source', 'kind', 'rows', 'corrections', 'symbols', 'known by delay', 'at ingestion'];
    const table = new Table({ head: [...head, 'first', 'last', 'longest gap'], ...PLAIN });
    for (const one of value) {
      const gap = `${one.longestGapDays.toFixed(1)} days from ${one.gapFrom.slice(0, 10)}`;
      const counts = [one.events, one.corrections, one.symbols, one.delayed, one.atIngestion];
      table.push([one.source, one.kind, ...counts, one.first, one.last, gap]);
    }
    return table.toString();
  };
  return { value, text };
}

export interface EventsReadOptions {
  readonly symbols?: string;
  readonly kind?: string;
  readonly source?: string;
  readonly from?: string;
  readonly asOf?: string;
  readonly limit?: string;
  readonly out?: string;
  readonly config?: string;
}

/** `events query`. */
export async function queryEventsCommand(context: CommandContext, options: EventsReadOptions): Promise<CommandOutput> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000) {
    throw new InputError(`--limit ${options.limit} is no number from 1 to 10000.`, 'Use `events export` for all.');
  }
  const wanted = { knownToMs: context.clock(), ...wantedOf(options) };
  const found = await queryEvents((await context.database()).pool, wanted, limit);
  const value = found.map(shownEvent);
  const text = (): string => {
    if (value.length === 0) return 'No event was known by then.';
    const head = ['known', 'symbol', 'kind', 'field', 'value', 'expected', 'revision', 'source', 'text'];
    const table = new Table({ head, ...PLAIN });
    for (const { known, symbol, kind, field, value: said, expected, revision, source, text: words } of value) {
      const shown = (words ?? '').slice(0, 60);
      table.push([known, symbol, kind, field, said ?? '', expected ?? '', revision, source, shown]);
    }
    return table.toString();
  };
  return { value, text };
}

const COLUMNS: readonly ExportColumn[] = [
  ['known', 'time'],
  ['time', 'time'],
  ['symbol', 'text'],
  ['kind', 'text'],
  ['field', 'text'],
  ['value', 'number'],
  ['expected', 'number'],
  ['text', 'text'],
  ['source', 'text'],
  ['id', 'text'],
  ['revision', 'integer'],
  ['known_by', 'text'],
  ['method', 'text'],
  ['ingested', 'time'],
].map(([name, kind]) => ({ name: name!, kind: kind as ExportColumn['kind'], unit: null }));

/** Rows of an exported portion. */
const PORTION_ROWS = 2_000;

/** `events export`: what `events ingest` reads again. */
export async function exportEventsCommand(context: CommandContext, options: EventsReadOptions): Promise<CommandOutput> {
  const out = options.out!;
  await requireOwnOutput({ option: '--out', path: out }, [{ option: '--config', path: options.config }]);
  const wanted = wantedOf(options);
  const { pool } = await context.database();
  const manifest = await writeExport(
    out,
    { columns: COLUMNS, portions: portionsOf(readEvents(pool, wanted)) },
    {
      what: 'events',
      of: { kind: 'file', id: options.source ?? 'every source' },
      hashes: {},
      notes: ['A correction is a row with the id of what it corrects, a higher revision and its own known time.'],
      writtenAtMs: context.clock(),
    },
  );
  return { value: manifest, text: () => `${out}: ${manifest.rows} events` };
}

async function* portionsOf(events: AsyncIterable<RecordedEvent>): AsyncGenerator<Cell[][]> {
  let portion: Cell[][] = [];
  for await (const one of events) {
    const { knownMs, eventMs, symbol, kind, field, text, source, sourceId, revision, knownBy, method } = one;
    const numbers = [finite(one.value), finite(one.expected)];
    portion.push([
      ...[knownMs, eventMs, symbol, kind, field, ...numbers, text, source, sourceId, revision, knownBy, method],
      one.ingestedMs,
    ]);
    if (portion.length < PORTION_ROWS) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

/** An event as JSON. */
function shownEvent({ value, expected, eventMs, knownMs, ingestedMs, ...rest }: RecordedEvent) {
  return {
    ...rest,
    value: finite(value),
    expected: finite(expected),
    time: iso(eventMs),
    known: iso(knownMs),
    ingested: iso(ingestedMs),
  };
}

function wantedOf({ symbols, kind, source, from, asOf }: EventsReadOptions): EventsWanted {
  return {
    ...(symbols === undefined ? {} : { symbols: listOf(symbols).map((symbol) => (symbol === '*' ? MARKET : symbol)) }),
    ...(kind === undefined ? {} : { kinds: [kindNamed(kind)] }),
    ...(source === undefined ? {} : { sources: [source] }),
    ...(from === undefined ? {} : { knownFromMs: timeOf(from, '--from') }),
    ...(asOf === undefined ? {} : { knownToMs: timeOf(asOf, '--as-of') }),
  };
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

function kindNamed(text: string): EventKind {
  const kind = EVENT_KINDS.find((known) => known === text.toLowerCase());
  if (kind !== undefined) return kind;
  const nearest = nearestName(text, EVENT_KINDS, Infinity);
  throw new InputError(`--kind ${text} is unknown; did you mean ${nearest}?`, `One of ${EVENT_KINDS.join(', ')}.`);
}

function timeOf(text: string, key: string): number {
  const timeMs = parseTimeMs(text);
  if (Number.isFinite(timeMs)) return timeMs;
  throw new InputError(`${key} ${text} is not a time.`, 'Use ISO 8601 in UTC, as in 2024-05-02T20:30:00Z.');
}
