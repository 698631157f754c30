import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { createRecordWriter, readRecords } from './backup-archive.ts';
import { readBackup, type BackupPart } from './read-backup.ts';

const ROWS = Buffer.from('1\ta\n2\tb\n');
const HEADER = { format: 2, createdAt: '2026-01-01T00:00:00.000Z', postgres: '18', migrations: ['0001_schema'] };
const END = { rows: 2, sha256: createHash('sha256').update(ROWS).digest('hex') };

function plain(): Buffer {
  const writer = createRecordWriter();
  const records = [
    writer.encode('H', HEADER),
    writer.encode('T', { name: 't', columns: ['id', 'text'] }),
    writer.encode('D', ROWS),
    writer.encode('E', END),
    writer.encode('S', [{ name: 's', value: '7' }]),
  ];
  return Buffer.concat([...records, writer.end()]);
}

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function read(bytes: Buffer, pieceLength = 65_536): Promise<BackupPart[]> {
  const parts: BackupPart[] = [];
  for await (const part of readBackup(inPieces(bytes, pieceLength), 'file')) parts.push(part);
  return parts;
}

/** With the rows in one piece: where they are cut depends on the stream. */
function joined(parts: readonly BackupPart[]): unknown {
  const rows = parts.flatMap((part) => (part.kind === 'rows' ? [part.bytes] : []));
  return [Buffer.concat(rows).toString(), parts.filter(({ kind }) => kind !== 'rows')];
}

it('reads a backup in pieces of any length', async () => {
  const whole = await read(gzipSync(plain()));
  expect(whole.map(({ kind }) => kind)).toEqual(['header', 'table', 'rows', 'tableEnd', 'sequences']);
  expect(joined(await read(gzipSync(plain()), 1))).toEqual(joined(whole));
  const kinds: string[] = [];
  for await (const { kind } of readRecords(inPieces(plain(), 1), 'file')) kinds.push(kind);
  expect(kinds.join('')).toBe(`HT${'D'.repeat(ROWS.length)}ESZ`);
});

it('takes a file of any change for damaged, or reads the same', async () => {
  const good = gzipSync(plain());
  const whole = await read(good);
  const changes = fc.array(fc.record({ at: fc.nat(), to: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.boolean(), changes, fc.nat(), async (inside, list, cut) => {
      const bytes = Buffer.from(inside ? plain() : good);
      for (const { at, to } of list) bytes[at % bytes.length] = to;
      const altered = cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
      const outcome = await read(inside ? gzipSync(altered) : Buffer.from(altered)).catch((error: unknown) => error);
      if (!(outcome instanceof InputError)) expect(joined(outcome as BackupPart[])).toEqual(joined(whole));
    }),
    { numRuns: 500 },
  );
});

it('believes no length before it is bounded, and keeps no rows', async () => {
  const huge = Buffer.from([0x54, 0xff, 0xff, 0xff, 0xff]);
  await expect(read(gzipSync(huge))).rejects.toThrow(/no backup holds/);
  const writer = createRecordWriter();
  const head = [writer.encode('H', HEADER), writer.encode('T', { name: 't', columns: ['id'] })];
  // 40 MB of rows, 40 kB in the file.
  const rows = Buffer.alloc(40 * 1024 * 1024, '1\n');
  const bomb = gzipSync(Buffer.concat([...head, writer.encode('D', rows)]));
  let longest = 0;
  const attempt = (async () => {
    for await (const part of readBackup(inPieces(bomb, 65_536), 'file')) {
      if (part.kind === 'rows') longest = Math.max(longest, part.bytes.length);
    }
  })();
  await expect(attempt).rejects.toThrow(/cut off/);
  expect(longest).toBeLessThanOrEqual(65_536);
});

it('knows the order of its records', async () => {
  const table = ['T', { name: 't', columns: ['a'] }] as const;
  const empty = ['E', { rows: 0, sha256: createHash('sha256').digest('hex') }] as const;
  const orders = {
    'no header': [table, empty],
    'rows outside': [
      ['H', HEADER],
      ['D', ROWS],
    ],
    'two headers': [
      ['H', HEADER],
      ['H', HEADER],
    ],
    'an open table': [['H', HEADER], table, ['S', []]],
    'a table twice': [['H', HEADER], table, empty, table, empty, ['S', []]],
    'no sequences': [['H', HEADER], table, empty],
    'a table after the sequences': [['H', HEADER], ['S', []], table, empty],
    'a newer format': [
      ['H', { ...HEADER, format: 3 }],
      ['S', []],
    ],
  } as const;
  for (const [name, records] of Object.entries(orders)) {
    const writer = createRecordWriter();
    const bytes = records.map(([kind, value]) => writer.encode(kind, value));
    const attempt = read(gzipSync(Buffer.concat([...bytes, writer.end()])));
    await expect(attempt, name).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('file') });
  }
});
