import { basename, extname } from 'node:path';
import { EVENT_KINDS, type EventKind } from '../../features/events/point-in-time-event.ts';
import { InputError } from '../../infra/errors.ts';
import { unmarkedCell } from '../../infra/export/csv-cell.ts';
import { sha256 } from '../../infra/hash.ts';
import type { TimeZone } from '../dialects/time-zone.ts';
import { readRecords } from '../sources/files/text-records.ts';
import { eventPositions, type EventColumns, type EventPositions, type EventRole } from './event-columns.ts';
import { eventKey, TEXT_MAX, type EventRow, type KnownBy } from './event-row.ts';
import { isDate, parseMoment } from './event-times.ts';

export interface EventsFileOptions {
  readonly columns?: EventColumns;
  /** Kind of every row where no column says it. */
  readonly kind?: EventKind | undefined;
  /** Whose the rows are where no column says it; the file's name by default. */
  readonly source?: string | undefined;
  /** Rows without a known time became known so long after their own. */
  readonly delayMs?: number | undefined;
  /** Rows without a known time became known now. */
  readonly knownAtIngestion?: boolean | undefined;
  /** Of times that carry no zone. */
  readonly zone?: TimeZone | null | undefined;
  /** The moment of reading: nothing becomes known later. */
  readonly nowMs: number;
}

/** The events of a file and what was to be said of it. */
export interface EventsFile {
  /** In the order in which they became known. */
  readonly rows: readonly EventRow[];
  /** Rows that say what another one says. */
  readonly duplicates: number;
  /** Rows that became known before the one above them. */
  readonly outOfOrder: number;
  /** Texts that were cut. */
  readonly cut: number;
  /** Rows by what says when they became known. */
  readonly knownBy: Readonly<Record<KnownBy, number>>;
}

/** Clocks of two machines may differ so much. */
const CLOCKS_APART_MS = 5 * 60_000;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const WORD = /^[A-Za-z][\w-]{0,59}$/;
const NAME_MAX = 200;
const CONTROL = /[\u0000-\u001f\u007f]/;

/** One row of a file as it is read. */
interface Reading {
  readonly cells: readonly string[];
  readonly positions: EventPositions;
  readonly where: string;
  readonly options: EventsFileOptions;
  readonly fileSource: string;
}

const cell = ({ cells, positions }: Reading, role: EventRole): string => cells[positions.get(role) ?? -1]?.trim() ?? '';

/**
 * Reads a CSV file (also .gz, .zip) of events: whole, or an InputError that names the file, the line, the column and
 * the remedy. A row that says what another one says is counted and passed over.
 */
export async function readEventsFile(path: string, options: EventsFileOptions): Promise<EventsFile> {
  const fileSource = options.source ?? basename(path, extname(path));
  const collected = new Collected(path);
  let positions: EventPositions | undefined;
  let width = 0;
  await readRecords(path, (cells, line) => {
    if (positions === undefined) {
      const knownDeclared = options.delayMs !== undefined || options.knownAtIngestion === true;
      const asked = { path, fixedKind: options.kind !== undefined, knownDeclared };
      positions = eventPositions(cells, options.columns ?? {}, asked);
      width = cells.length;
      return;
    }
    const where = `${path}, line ${line}`;
    if (cells.length !== width) {
      throw new InputError(
        `${where}: ${cells.length} cells, and the header has ${width}.`,
        'Write as many, and quote texts that hold commas.',
      );
    }
    collected.take(rowOf({ cells, positions, where, options, fileSource }, collected), line);
  });
  if (positions === undefined) throw new InputError(`${path}: the file is empty.`, 'Give a CSV file with a header.');
  return collected.result();
}

/** The rows of a file, each once. */
class Collected {
  cut = 0;
  readonly #path: string;
  #duplicates = 0;
  #outOfOrder = 0;
  #newestMs = -Infinity;
  readonly #rows: EventRow[] = [];
  readonly #lines: number[] = [];
  readonly #known = { source: 0, delay: 0, ingestion: 0 };
  /** By key and revision the place of a row, to tell a repeat from a contradiction. */
  readonly #places = new Map<string, number>();

  constructor(path: string) {
    this.#path = path;
  }

  take(row: EventRow, line: number): void {
    const key = `${eventKey(row)}\n${row.revision}`;
    const place = this.#places.get(key);
    if (place !== undefined) {
      if (isSame(this.#rows[place]!, row)) {
        this.#duplicates += 1;
        return;
      }
      throw new InputError(
        `${this.#path}, line ${line}: the event ${JSON.stringify(row.sourceId)} says something else than in line ` +
          `${this.#lines[place]!}.`,
        'Give a correction the same id, a higher revision and its own known time.',
      );
    }
    this.#places.set(key, this.#rows.push(row) - 1);
    this.#lines.push(line);
    this.#known[row.knownBy] += 1;
    if (row.knownMs < this.#newestMs) this.#outOfOrder += 1;
    this.#newestMs = Math.max(this.#newestMs, row.knownMs);
  }

  result(): EventsFile {
    this.#requireOrder();
    const rows = this.#rows.sort((a, b) => a.knownMs - b.knownMs || a.revision - b.revision);
    const { cut } = this;
    return { rows, duplicates: this.#duplicates, outOfOrder: this.#outOfOrder, cut, knownBy: this.#known };
  }

  /** A correction becomes known after what it corrects. */
  #requireOrder(): void {
    const corrected = new Set(this.#rows.filter(({ revision }) => revision > 0).map(eventKey));
    const states = new Map<string, number[]>();
    this.#rows.forEach((row, place) => {
      const key = corrected.size === 0 ? '' : eventKey(row);
      if (corrected.has(key)) states.set(key, [...(states.get(key) ?? []), place]);
    });
    const row = (place: number): EventRow => this.#rows[place]!;
    for (const places of states.values()) {
      places.sort((a, b) => row(a).revision - row(b).revision);
      const wrong = places.find((place, at) => at > 0 && row(place).knownMs <= row(places[at - 1]!).knownMs);
      if (wrong === undefined) continue;
      throw new InputError(
        `${this.#path}, line ${this.#lines[wrong]!}: a correction of ${JSON.stringify(row(wrong).sourceId)} became ` +
          'known no later than what it corrects.',
        'Give each revision the time at which it became known itself.',
      );
    }
  }
}

const isSame = (a: EventRow, b: EventRow): boolean =>
  Object.is(a.value, b.value) &&
  Object.is(a.expected, b.expected) &&
  a.text === b.text &&
  a.eventMs === b.eventMs &&
  a.knownMs === b.knownMs;

function rowOf(reading: Reading, collected: { cut: number }): EventRow {
  const { options, where } = reading;
  const kind = kindOf(reading);
  const field = wordIn(reading, 'field', '');
  const symbol = nameIn(reading, 'symbol');
  const source = nameIn(reading, 'source') || reading.fileSource;
  const value = numberIn(reading, 'value');
  const expected = numberIn(reading, 'expected');
  const written = cell(reading, 'text');
  if (written.includes('\0')) throw new InputError(`${where}: text holds a NUL character.`, 'Remove it.');
  if (written.length > TEXT_MAX) collected.cut += 1;
  const text = written === '' ? null : cutText(written);
  const { eventMs, knownMs, knownBy } = timesOf(reading);
  if (knownMs > options.nowMs + CLOCKS_APART_MS) {
    const at = new Date(knownMs).toISOString();
    throw new InputError(`${where}: becomes known at ${at}, which is still to come.`, 'Correct the time or its zone.');
  }
  if (kind !== 'calendar' && eventMs > knownMs) {
    throw new InputError(
      `${where}: became known at ${new Date(knownMs).toISOString()}, before it happened.`,
      'Correct the times or their zone; what is announced ahead is of kind calendar.',
    );
  }
  const base = { source, symbol: symbol === '*' ? '' : symbol, kind, field, value, expected, text, eventMs };
  const sourceId = nameIn(reading, 'id') || derivedId(base);
  return { ...base, sourceId, revision: revisionOf(reading), knownMs, knownBy, method: null };
}

/** As much of a text as is kept; a character of two halves is not cut in the middle. */
function cutText(text: string): string {
  const last = text.charCodeAt(TEXT_MAX - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? TEXT_MAX - 1 : TEXT_MAX);
}

/** Without an id of its own an event is what it says, but for its value. */
function derivedId({
  symbol,
  kind,
  field,
  eventMs,
  text,
}: Pick<EventRow, 'symbol' | 'kind' | 'field' | 'eventMs' | 'text'>): string {
  return sha256(JSON.stringify([symbol, kind, field, eventMs, text])).slice(0, 32);
}

function kindOf(reading: Reading): EventKind {
  const text = cell(reading, 'kind').toLowerCase();
  const kind = text === '' ? reading.options.kind : EVENT_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw new InputError(
    `${reading.where}: kind is ${JSON.stringify(text.slice(0, 60))}.`,
    `Use one of ${EVENT_KINDS.join(', ')}.`,
  );
}

function wordIn(reading: Reading, role: EventRole, fallback: string): string {
  const text = cell(reading, role);
  if (text === '') return fallback;
  if (WORD.test(text)) return text;
  throw new InputError(
    `${reading.where}: ${role} is ${JSON.stringify(text.slice(0, 60))}.`,
    'Use letters, digits, _ and -, beginning with a letter, at most 60.',
  );
}

function nameIn(reading: Reading, role: EventRole): string {
  const text = unmarkedCell(cell(reading, role));
  if (text.length <= NAME_MAX && !CONTROL.test(text)) return text;
  throw new InputError(
    `${reading.where}: ${role} is ${JSON.stringify(text.slice(0, 60))}, ${text.length} characters.`,
    `Use at most ${NAME_MAX} characters, none of them a control character.`,
  );
}

function numberIn(reading: Reading, role: EventRole): number {
  const text = cell(reading, role);
  if (text === '') return NaN;
  const value = NUMBER.test(text) ? Number(text) : NaN;
  if (Number.isFinite(value)) return value;
  throw new InputError(
    `${reading.where}: ${role} is ${JSON.stringify(text.slice(0, 60))}.`,
    'Write a number with a decimal point, or leave the cell empty where there is none.',
  );
}

function revisionOf(reading: Reading): number {
  const text = cell(reading, 'revision');
  if (text === '') return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InputError(`${reading.where}: revision is ${JSON.stringify(text.slice(0, 60))}.`, 'Count from 0.');
}

/** When it was, and when it became known. */
function timesOf(reading: Reading): Pick<EventRow, 'eventMs' | 'knownMs' | 'knownBy'> {
  const { options, where } = reading;
  const zone = options.zone ?? null;
  const [time, known] = [cell(reading, 'time'), cell(reading, 'known')];
  const eventMs = time === '' ? NaN : parseMoment(time, `${where}: time`, zone);
  if (known !== '') {
    if (isDate(known)) {
      throw new InputError(
        `${where}: known is the day ${known}, and most of it comes before the event became known.`,
        'Write the moment; or leave the column out and declare --delay after the time of the event, such as 24h.',
      );
    }
    const knownMs = parseMoment(known, `${where}: known`, zone);
    return { eventMs: Number.isNaN(eventMs) ? knownMs : eventMs, knownMs, knownBy: 'source' };
  }
  if (options.knownAtIngestion === true) {
    return { eventMs: Number.isNaN(eventMs) ? options.nowMs : eventMs, knownMs: options.nowMs, knownBy: 'ingestion' };
  }
  if (options.delayMs !== undefined && !Number.isNaN(eventMs)) {
    return { eventMs, knownMs: eventMs + options.delayMs, knownBy: 'delay' };
  }
  throw new InputError(
    `${where}: nothing says when the event became known.`,
    'Fill the column, or declare --delay 15m after its time or --known-at-ingestion.',
  );
}
