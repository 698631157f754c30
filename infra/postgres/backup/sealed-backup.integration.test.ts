import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendAudit } from '../../audit/audit-store.ts';
import { systemClock } from '../../clock.ts';
import { silentProgress } from '../../terminal/progress.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../testing/test-database.ts';
import { connect } from '../database.ts';
import { backUp } from './backup.ts';
import { drill } from './drill.ts';
import { restore } from './restore.ts';
import { newKeyPair, type KeyPair } from './sealed-backup.ts';

const stage = silentProgress().stage('test');
/** More than the pieces of 64 KiB that are sealed one by one. */
const NOTE = 'said once, and nobody else is to read it. '.repeat(50);

describe('a sealed backup', () => {
  let database: TestDatabase;
  let folder: string;
  let file: string;
  let [first, second]: KeyPair[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'sealed-'));
    file = join(folder, 'all.backup');
    [first, second] = [await newKeyPair(), await newKeyPair()];
    const note = { actor: { kind: 'operator', name: 'anna' }, action: 'halt', sessionId: null } as const;
    const notes = Array.from({ length: 2_000 }, (_, at) => ({
      ...note,
      reason: `${NOTE}${Math.sin(at)}`,
      details: { at: Math.cos(at) },
    }));
    await appendAudit(database.pool, notes);
    const recipients = [first!.recipient, second!.recipient];
    expect(await backUp(database, file, { clock: systemClock, stage, recipients })).toMatchObject({ sealed: true });
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const restored = async (from: string, identity: string | null): Promise<unknown> => {
    const empty = await createEmptyDatabase();
    const target = await connect(empty.url, { migrate: false }, null);
    try {
      return await restore(target, from, { replace: false, stage, identity }).catch((error: Error) => error.message);
    } finally {
      await target.close();
      await empty.drop();
    }
  };

  it('is opened by any of its recipients, and tells nobody else anything', async () => {
    expect(readFileSync(file, 'latin1').slice(0, 21)).toBe('age-encryption.org/v1');
    expect(readFileSync(file).length).toBeGreaterThan(65_536);
    for (const { identity } of [first!, second!]) {
      expect(await restored(file, identity)).toMatchObject({ sealed: true, rows: expect.any(Number) });
    }
    expect(await restored(file, null)).toBe(`${file} is sealed, and there is no key to open it.`);
    expect(await restored(file, (await newKeyPair()).identity)).toBe(`${file} is sealed for another key.`);
    expect(await restored(file, first!.identity.slice(0, -1))).toBe('SIGNALBOX_BACKUP_IDENTITY is no key.');
  });

  it.each([
    ['one bit of its rows is changed', (bytes: Buffer) => void (bytes[70_000]! ^= 1)],
    ['one bit of its head is changed', (bytes: Buffer) => void (bytes[120]! ^= 1)],
    ['its end is cut off', (bytes: Buffer) => bytes.subarray(0, 66_000)],
  ])('is refused whole where %s', async (_, alter) => {
    const bytes = readFileSync(file);
    const altered = join(folder, 'altered.backup');
    writeFileSync(altered, alter(bytes) ?? bytes);
    expect(await restored(altered, first!.identity)).toMatch(/^\S+ is not a whole backup of Signalbox: |another key/);
  });

  it('is not begun for a key that is none', async () => {
    const wrong = join(folder, 'wrong.backup');
    const recipients = [first!.recipient, `${first!.recipient.slice(0, -1)}q`];
    await expect(backUp(database, wrong, { clock: systemClock, stage, recipients })).rejects.toMatchObject({
      message: expect.stringMatching(/is no key that a backup can be sealed for/),
    });
    expect(existsSync(wrong)).toBe(false);
  });

  it('is drilled beside the database, which stays as it is', async () => {
    const names = async (): Promise<unknown> =>
      (await database.pool.query("SELECT datname FROM pg_database WHERE datname LIKE 'signalbox_drill%'")).rows;
    const summary = await drill(database, file, { clock: systemClock, stage, identity: first!.identity });
    expect(summary).toMatchObject({ migrated: 0, counted: summary.rows, audit: { intact: true, entries: 2_000 } });
    expect(await names()).toEqual([]);
    await expect(drill(database, file, { clock: systemClock, stage, identity: null })).rejects.toThrow(/is sealed/);
    expect(await names()).toEqual([]);
  });

  it('is drilled to no good end where its audit was altered before it was made', async () => {
    await database.pool.query('ALTER TABLE signalbox.audit_entries DISABLE TRIGGER USER');
    await database.pool.query("UPDATE signalbox.audit_entries SET reason = 'another' WHERE position = 1000");
    const clear = join(folder, 'clear.backup');
    expect(await backUp(database, clear, { clock: systemClock, stage })).toMatchObject({ sealed: false });
    const { audit } = await drill(database, clear, { clock: systemClock, stage, identity: null });
    expect(audit).toMatchObject({ intact: false, broken: { position: 1000 } });
  });
});
