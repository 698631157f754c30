import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import { zoneNamed } from '../dialects/time-zone.ts';
import { TEXT_MAX } from './event-row.ts';
import { readEventsFile, type EventsFile, type EventsFileOptions } from './events-file.ts';

// Files as they come: whatever is wrong with one is said with its line and a remedy, or counted; no row is lost.

const folder = mkdtempSync(join(tmpdir(), 'signalbox-events-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW_MS = Date.UTC(2025, 0, 1);
const HEADER = 'known,time,symbol,kind,field,value,expected,text,id,revision';
const GOOD = '2024-05-02T20:30:00Z,2024-05-02T20:00:00Z,AAA,news,,0.5,,Good news,1,0';
let files = 0;

function read(content: string | Uint8Array, options: Partial<EventsFileOptions> = {}): Promise<EventsFile> {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, content);
  return readEventsFile(path, { nowMs: NOW_MS, ...options });
}

/** A file whose third line has `cells` in place of those of a good one. */
function withCells(cells: Partial<Record<string, string>>): string {
  const row = GOOD.split(',');
  row[8] = '2';
  HEADER.split(',').forEach((name, at) => (row[at] = cells[name] ?? row[at]!));
  return [HEADER, GOOD, row.join(',')].join('\n');
}

async function refusal(content: string | Uint8Array, options: Partial<EventsFileOptions> = {}): Promise<string> {
  const error = await read(content, options).then(
    (found) => new Error(`accepted: ${found.rows.length} rows`),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message, remedy } = error as InputError;
  expect(message).toContain('.csv');
  expect(remedy.length).toBeGreaterThan(5);
  return `${message} ${remedy}`;
}

describe('a file of events is refused with the line and the remedy', () => {
  it.each<[string, Partial<Record<string, string>>, RegExp]>([
    [
      'a local time without its zone',
      { known: '2024-05-02 16:30:00' },
      /line 3: known .* without a time zone.*--timezone/,
    ],
    ['a day in place of a moment', { known: '2024-05-02' }, /line 3: known is the day 2024-05-02.*--delay/],
    ['a time that is none', { known: 'yesterday' }, /line 3: known is "yesterday"/],
    ['a date that does not exist', { known: '2024-02-30T10:00:00Z' }, /line 3: known is/],
    ['microseconds since 1970', { known: '1714681800000000' }, /line 3: known is/],
    ['no known time', { known: '' }, /line 3: nothing says when the event became known.*--delay/],
    ['a time that is to come', { known: '2031-01-01T00:00:00Z' }, /line 3: becomes known at 2031.*still to come/],
    ['known before it happened', { time: '2024-05-02T21:00:00Z' }, /line 3: became known at .*, before it happened/],
    ['not a number', { value: 'NaN' }, /line 3: value is "NaN".*leave the cell empty/],
    ['infinity', { value: 'Infinity' }, /line 3: value is "Infinity"/],
    ['a number beyond all', { value: '1e999' }, /line 3: value is "1e999"/],
    ['a decimal comma', { value: '"0,5"' }, /line 3: value is "0,5"/],
    ['an expected value in words', { expected: 'high' }, /line 3: expected is "high"/],
    ['a kind that is none', { kind: 'gossip' }, /line 3: kind is "gossip".*news, sentiment/],
    ['a field with blanks', { field: 'earnings per share' }, /line 3: field is/],
    ['a NUL in the text', { text: 'a\0b' }, /line 3: text holds a NUL/],
    ['a NUL in the symbol', { symbol: 'A\0' }, /line 3: symbol is/],
    ['an endless id', { id: 'x'.repeat(1_000) }, /line 3: id is .*1000 characters/],
    ['a revision that is no count', { revision: '-1' }, /line 3: revision is "-1"/],
    [
      'another content under one id',
      { id: '1', value: '0.7' },
      /line 3: the event "1" says something else than in .*line 2/,
    ],
    [
      'a correction known before',
      { id: '1', revision: '1', known: '2024-05-02T20:29:00Z' },
      /line 3: a correction of "1"/,
    ],
    ['a correction known at once', { id: '1', revision: '1', value: '3' }, /line 3: a correction of "1"/],
    ['a cell too many', { text: 'Good, news' }, /line 3: 11 cells, and the header has 10.*quote/],
    ['a quote that is never closed', { text: '"Good news' }, /a quote is never closed/],
  ])('%s', async (_, cells, words) => {
    expect(await refusal(withCells(cells))).toMatch(words);
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['nothing', '', /the file is empty/],
    ['no known column', 'time,kind,value\n2024-01-01,news,1', /no column says when an event became known.*--delay/],
    ['no kind', 'known,value\n2024-01-01T00:00:00Z,1', /of what kind.*--kind news/],
    ['something binary', new Uint8Array(3_000_000), /no line end|NUL|not a CSV|no column/],
  ])('%s', async (_, content, words) => {
    expect(await refusal(content)).toMatch(words);
  });
});

describe('a file of events', () => {
  it('is read in any order, duplicates counted, texts cut, nothing lost', async () => {
    const long = 'x'.repeat(TEXT_MAX + 7);
    const rows = [
      '2024-05-03T20:30:00Z,,AAA,news,,1,,b,2,0',
      GOOD,
      GOOD,
      `2024-05-04T20:30:00Z,,,news,,,,${long},3,0`,
      '2024-05-05T20:30:00Z,2024-05-02T20:00:00Z,AAA,news,,0.6,,Good news,1,1',
    ];
    const found = await read([HEADER, ...rows].join('\r\n'));
    expect(found).toMatchObject({ duplicates: 1, outOfOrder: 1, cut: 1, knownBy: { source: 4 } });
    expect(found.rows.map(({ sourceId, revision }) => `${sourceId}/${revision}`)).toEqual(['1/0', '2/0', '3/0', '1/1']);
    expect(found.rows[2]).toMatchObject({ symbol: '', value: NaN });
    expect(found.rows[2]!.text).toHaveLength(TEXT_MAX);
  });

  it('takes a declared delay, or the moment of its reading, where it has no known time', async () => {
    const content = 'time,symbol,kind,value\n2024-05-02,AAA,fundamental,1';
    const delayed = await read(content, { delayMs: DAY_MS });
    expect(delayed.rows[0]).toMatchObject({ knownMs: Date.UTC(2024, 4, 3), knownBy: 'delay' });
    const now = await read(content, { knownAtIngestion: true });
    expect(now.rows[0]).toMatchObject({ knownMs: NOW_MS, eventMs: Date.UTC(2024, 4, 2), knownBy: 'ingestion' });
    expect(now.rows[0]!.sourceId).toBe(delayed.rows[0]!.sourceId);
  });

  it('is never early: the later of two moments of a clock set back, and fractions counted up', async () => {
    const zone = zoneNamed('America/New_York', 'test');
    const known = async (text: string): Promise<string> => {
      const { rows } = await read(`known,kind\n${text},news`, { zone });
      return new Date(rows[0]!.knownMs).toISOString();
    };
    expect(await known('2024-07-01 16:00:00')).toBe('2024-07-01T20:00:00.000Z');
    expect(await known('2024-11-03 01:30:00')).toBe('2024-11-03T06:30:00.000Z');
    expect(await known('2024-07-01T16:00:00.0004-04:00')).toBe('2024-07-01T20:00:00.001Z');
    expect(await refusal('known,kind\n2024-03-10 02:30:00,news', { zone })).toMatch(/which clocks of .* skipped/);
  });

  it('200 times over, spoilt at random: an error that says where, or every row accounted for', async () => {
    const random = createRandom('hostile events');
    let refused = 0;
    for (let file = 0; file < 200; file++) {
      const rows = spoiltRows(random);
      const content = [HEADER, ...rows].join(random.next() < 0.5 ? '\n' : '\r\n');
      const found = await read(content).catch((error: unknown) => error);
      if (found instanceof InputError) {
        refused += 1;
        expect(found.message).toMatch(/\.csv/);
        expect(found.remedy).not.toBe('');
        continue;
      }
      const { rows: kept, duplicates } = found as EventsFile;
      expect(kept.length + duplicates).toBe(rows.filter((row) => row.trim() !== '').length);
      for (const { knownMs, value } of kept) {
        expect(Number.isFinite(knownMs) && knownMs <= NOW_MS + 300_000 && value !== Infinity).toBe(true);
      }
    }
    expect(refused).toBeGreaterThan(50);
    expect(refused).toBeLessThan(190);
  });
});

const SPOILS = [
  '',
  'NaN',
  '\0',
  '2024-05-02 16:30',
  '1e400',
  '"',
  'ä'.repeat(3_000),
  '=1+1',
  '2099-01-01T00:00:00Z',
  '-',
];

/** Up to thirty rows, out of order, some twice, and in some files one cell of one row spoilt. */
function spoiltRows(random: Random): string[] {
  const rows = Array.from({ length: 1 + random.integer(30) }, (_, i) => {
    const known = new Date(NOW_MS - Math.floor(random.next() * 1e10)).toISOString();
    return `${known},,S${random.integer(3)},news,,${random.next()},,headline ${i},${i},0`;
  });
  if (random.next() < 0.5) rows.push(rows[random.integer(rows.length)]!);
  if (random.next() < 0.7) {
    const at = random.integer(rows.length);
    const cells = rows[at]!.split(',');
    cells[random.integer(cells.length)] = SPOILS[random.integer(SPOILS.length)]!;
    rows[at] = cells.join(',');
  }
  return rows;
}
