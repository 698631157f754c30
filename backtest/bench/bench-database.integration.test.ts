import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDataFolder } from '../../infra/files/private-folder.ts';
import { loadConfig } from '../../infra/config.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { createTestDatabase } from '../../infra/testing/test-database.ts';
import { benchDatabase } from './bench-database.ts';
import { benchIngest } from './ingest-bench.ts';

it('benchmarks work in a database of their own, never in that of DATABASE_URL', async () => {
  const mine = await createTestDatabase();
  const parent = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  rmSync(parent, { recursive: true });
  makeDataFolder(parent);
  const config = { ...loadConfig({ DATABASE_URL: mine.url }), dataDir: parent };
  const bench = benchDatabase({ config, progress: silentProgress() });
  try {
    const database = await bench.open();
    expect(database.url).not.toBe(mine.url);
    const watched = 'SELECT sum(n_tup_ins)::int AS rows FROM pg_stat_user_tables';
    const before = await mine.pool.query(watched);
    await benchIngest(database, { bars: 2_000, runs: 1, now: () => performance.now() });
    expect((await mine.pool.query(watched)).rows).toEqual(before.rows);
  } finally {
    await bench.close();
    await mine.drop();
    rmSync(parent, { recursive: true, force: true });
  }
});
