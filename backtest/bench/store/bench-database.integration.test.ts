import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeDataFolder } from '../../../infra/files/private-folder.ts';
import { loadConfig } from '../../../infra/config.ts';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { createTestDatabase } from '../../../infra/testing/test-database.ts';
import { benchDatabase } from './bench-database.ts';
import { benchIngest } from './ingest-bench.ts';
import { benchPanel } from './panel-bench.ts';

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

it('panel computes each row once, reads the same matrix twice, and leaves nothing behind', async () => {
  const database = await createTestDatabase();
  const count = async (table: string): Promise<number> => {
    const { rows } = await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
    return rows[0]!.n;
  };
  try {
    for (let run = 0; run < 2; run++) {
      const [first, second] = await benchPanel(database, { symbols: 3, bars: 300, now: () => performance.now() });
      expect(first!.checks).toEqual({ sum: expect.any(Number), values: 3 * 300 * 14 });
      expect(second!.checks).toEqual(first!.checks);
      const tables = ['bars', 'bar_series', 'feature_rows', 'feature_materializations'];
      expect(await Promise.all(tables.map(count))).toEqual([0, 0, 0, 0]);
    }
  } finally {
    await database.drop();
  }
});
