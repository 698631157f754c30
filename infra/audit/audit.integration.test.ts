import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { databaseContext } from '../testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { appendAudit, entriesAfter, type AuditNote } from './audit-store.ts';
import { listCommand, retainCommand, verifyCommand } from './command-actions.ts';
import { verifyChain } from './verify-chain.ts';

const databases: TestDatabase[] = [];
let database: TestDatabase;
const YEAR_MS = 365.25 * 24 * 3_600_000;

beforeEach(async () => {
  database = await createTestDatabase();
  databases.push(database);
});
afterAll(async () => {
  await Promise.all(databases.map((one) => one.drop()));
});

const note = (more: Partial<AuditNote> = {}): AuditNote => ({
  actor: { kind: 'operator', name: 'Zoë "☂" \u0000' },
  action: 'halt',
  sessionId: null,
  reason: 'two\nlines',
  details: { limit: 0.1, text: 'ü\u0000', nested: { b: [1, null], a: -0 } },
  ...more,
});

const context = (yearsOn = 0) =>
  databaseContext(database, {
    env: { SIGNALBOX_OPERATOR: 'ann' },
    clock: () => systemClock() + yearsOn * YEAR_MS,
    json: false,
  });

/** As whoever owns the server could: past the rules of the table. */
async function tamper(sql: string): Promise<void> {
  await database.pool.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
  await database.pool.query(sql);
  await database.pool.query('ALTER TABLE audit_entries ENABLE TRIGGER USER');
}

describe('the chain', () => {
  it('is one, whoever writes at the same time, and has no gap where a writer gave up', async () => {
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 10; n++) {
        await database
          .transaction(async (client) => {
            await appendAudit(client, [note({ sessionId: `s${writer}` }), note({ details: { n } })]);
            if (n % 5 === 4) throw new Error('gives up');
          })
          .catch((error: unknown) => expect(error).toMatchObject({ message: 'gives up' }));
      }
    });
    await Promise.all(writers);
    expect(await verifyChain(database.pool)).toMatchObject({ intact: true, entries: 128, first: 1, last: 128 });
  });

  it('refuses every change and removal, of all rows too', async () => {
    await appendAudit(database.pool, [note(), note()]);
    for (const sql of [
      "UPDATE audit_entries SET reason = 'nothing'",
      'DELETE FROM audit_entries WHERE position = 2',
      'DELETE FROM audit_entries',
      'TRUNCATE audit_entries',
    ]) {
      await expect(database.pool.query(sql), sql).rejects.toThrow('never changed or removed');
    }
    expect(await verifyChain(database.pool)).toMatchObject({ intact: true, entries: 2 });
  });

  it('names the first entry that was changed, is missing, or stands in for another', async () => {
    await appendAudit(
      database.pool,
      Array.from({ length: 5 }, () => note()),
    );
    const head = (await verifyChain(database.pool)).head!;
    expect(await verifyChain(database.pool, head)).toMatchObject({ intact: true, holds: true });
    const broken = async (): Promise<unknown> => {
      const { value, exitCode } = await verifyCommand(context(), {});
      return exitCode === 1 ? (value as { broken: unknown }).broken : null;
    };
    expect(await broken()).toBeNull();
    for (const change of ["actor = 'bob'", "at = at + interval '1 ms'", "session_id = ''", "details = '{}'"]) {
      const before = await entriesAfter(database.pool, 2, 1);
      await tamper(`UPDATE audit_entries SET ${change} WHERE position = 3`);
      expect(await broken(), change).toMatchObject({ position: 3, why: expect.stringContaining('changed') as string });
      await database.pool.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
      await database.pool.query(
        'UPDATE audit_entries SET actor = $1, at = $2, session_id = $3, details = $4 WHERE position = 3',
        [before[0]!.actor, before[0]!.at, before[0]!.sessionId, before[0]!.details],
      );
      expect(await broken()).toBeNull();
    }
    await tamper('DELETE FROM audit_entries WHERE position = 5');
    // A tail that is gone shows by a hash that was kept elsewhere alone.
    expect(await broken()).toBeNull();
    expect(await verifyCommand(context(), { holds: head })).toMatchObject({ exitCode: 1 });
    await tamper('DELETE FROM audit_entries WHERE position = 3');
    expect(await broken()).toEqual({ position: 4, why: 'entry 3 is missing before it' });
    await tamper('DELETE FROM audit_entries WHERE position = 1');
    expect(await broken()).toMatchObject({ position: 2, why: expect.stringContaining('gone') as string });
    await expect(verifyCommand(context(), { holds: 'x' })).rejects.toThrow('--holds x is no hash');
  });

  it('holds after old entries were removed, and says who removed them', async () => {
    await appendAudit(
      database.pool,
      Array.from({ length: 5 }, () => note({ sessionId: 'kept' })),
    );
    expect((await retainCommand(context(), {})).value).toMatchObject({ entries: 0, auditYears: 7 });
    expect((await retainCommand(context(8), { dryRun: true })).value).toMatchObject({ entries: 5, dryRun: true });
    expect(await verifyChain(database.pool)).toMatchObject({ entries: 5 });
    expect((await retainCommand(context(8), {})).value).toMatchObject({ entries: 5 });
    await appendAudit(database.pool, [note()]);
    expect(await verifyChain(database.pool)).toMatchObject({ intact: true, entries: 2, first: 6, last: 7 });
    const { value } = await listCommand(context(), { limit: '50', action: 'audit-cut' });
    expect(value).toMatchObject({ entries: [{ actor: 'ann', details: { through: 5, entries: 5 } }], next: null });
    // The word of a cut is removed by a later one only.
    expect((await retainCommand(context(8), {})).value).toMatchObject({ entries: 2 });
    expect(await verifyChain(database.pool)).toMatchObject({ intact: true, entries: 1, first: 8 });
  });

  it('is read in pages', async () => {
    await appendAudit(
      database.pool,
      Array.from({ length: 5 }, (_, n) => note({ sessionId: n < 3 ? 'a' : 'b' })),
    );
    const first = (await listCommand(context(), { session: 'a', limit: '2' })).value as { next: number };
    expect(first).toMatchObject({ entries: [{ position: 3 }, { position: 2 }], next: 2 });
    expect((await listCommand(context(), { session: 'a', limit: '2', before: '2' })).value).toMatchObject({
      entries: [{ position: 1, details: { nested: { a: 0 } } }],
      next: null,
    });
    await expect(listCommand(context(), { limit: '0' })).rejects.toThrow('--limit 0');
  });
});
