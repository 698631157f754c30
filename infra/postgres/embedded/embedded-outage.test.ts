import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseError } from '../database-error.ts';
import { embeddedOutage } from './embedded-outage.ts';

describe('embeddedOutage', () => {
  let dataDir: string;
  beforeAll(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'signalbox-outage-'));
    mkdirSync(join(dataDir, 'postgres'));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  const gone = databaseError(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }), 'here');
  const log = (text: string): void => writeFileSync(join(dataDir, 'postgres', 'server.log'), text);

  it('names a full disk behind refusals that came after it', () => {
    log(`PANIC:  could not write to file "pg_wal/x": No space left on device\n${'FATAL:  starting up\n'.repeat(500)}`);
    expect(embeddedOutage(gone, dataDir)).toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('is full'),
      remedy: expect.stringContaining('Free space'),
    });
  });

  it('leaves every other error as it was', () => {
    const other = new Error('a fault of ours');
    expect(embeddedOutage(other, dataDir)).toBe(other);
    log('LOG:  database system is shut down\n');
    expect(embeddedOutage(gone, dataDir)).toBe(gone);
    expect(embeddedOutage(gone, join(dataDir, 'nowhere'))).toBe(gone);
  });
});
