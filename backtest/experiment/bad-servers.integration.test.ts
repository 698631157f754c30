import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { outboxStatus } from '../../infra/mlflow/outbox-store.ts';
import { createCommandLine } from '../../command-line.ts';
import { CommandPlace, closedPort, expectRefusal, listen, using } from '../testing/command-place.ts';
import { rowCounts } from '../testing/killed-run.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';

const place = new CommandPlace('bad-servers', createCommandLine);
const { folder, home, small } = place;

describe('a database that cannot be used', () => {
  const commands = [
    ['run', small, '--once'],
    ['ingest', small],
    ['models', 'list'],
    ['db', 'status'],
  ];

  it('says that nothing listens', async () => {
    const url = `postgres://signalbox:secret@127.0.0.1:${await closedPort()}/signalbox`;
    for (const command of commands) {
      const said = await place.run([...command, '--json'], { DATABASE_URL: url });
      expectRefusal(said, 1, [/nothing listens there/, /remedy: Start that server/]);
      expect(said.stderr).not.toContain('secret');
    }
  });

  it('says that the password is wrong, and does not repeat it', async () => {
    const role = `reader_${Math.floor(performance.now() * 1000)}`;
    await place.database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`);
    const url = new URL(place.database.url);
    url.username = role;
    url.password = 'wr0ng-password';
    const said = await place.run(['run', small, '--once', '--json'], { DATABASE_URL: url.href });
    await place.database.pool.query(`DROP ROLE ${role}`);
    expectRefusal(said, 1, [/refused the user or the password/, /remedy: /]);
    expect(said.stderr).not.toContain('wr0ng-password');
  });

  it('says that there is no such database, or that the URL is none', async () => {
    const url = new URL(place.database.url);
    url.pathname = '/nowhere';
    expectRefusal(await place.run(['run', small, '--json'], { DATABASE_URL: url.href }), 1, [
      /does not exist/,
      /remedy: /,
    ]);
    expectRefusal(await place.run(['run', small, '--json'], { DATABASE_URL: 'mysql://x' }), 2, [
      /DATABASE_URL: /,
      /remedy: /,
    ]);
  });

  it('is left alone when its schema is newer', async () => {
    await using(async (newer) => {
      await newer.pool.query("INSERT INTO signalbox.migrations (name, run_on) VALUES ('9999_later', now())");
      const before = await rowCounts(newer);
      const said = await place.run(['run', small, '--once', '--json'], { DATABASE_URL: newer.url });
      expectRefusal(said, 1, [/newer than this code: it has 9999_later/, /remedy: Update this checkout/]);
      expect(await rowCounts(newer)).toEqual(before);
    });
  });

  // The server itself reports the condition, by its real SQLSTATE, from inside the statement that writes.
  it.each(['bar_series', 'bars'])('says that the disk is full when %s cannot be written', async (table) => {
    await using(async (full) => {
      await full.pool.query(
        `CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON signalbox.${table} FOR EACH ROW EXECUTE FUNCTION public.full_disk()`,
      );
      const before = await rowCounts(full);
      const said = await place.run(['run', small, '--once', '--json'], { DATABASE_URL: full.url });
      expectRefusal(said, 1, [/disk of PostgreSQL .* is full/, /remedy: Free space/]);
      expect(await rowCounts(full)).toEqual(before);
    });
  });
});

describe('the servers around a run', () => {
  let withoutMlflow: Ended;
  let withoutRedis: { said: Ended; seconds: number; rows: Record<string, number> };

  // Real processes: whether they end by themselves is part of the question. Both at once.
  beforeAll(async () => {
    const started = performance.now();
    const mlflow = {
      ...place.base,
      SIGNALBOX_WORKERS: '2',
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${await closedPort()}`,
    };
    const completing = startSignalbox(['run', small, '--once'], process.env, mlflow).ended;
    await using(async (own) => {
      const redis = { ...place.base, DATABASE_URL: own.url, REDIS_URL: `redis://127.0.0.1:${await closedPort()}` };
      const said = await startSignalbox(['run', small, '--once', '--json'], process.env, redis).ended;
      withoutRedis = { said, seconds: (performance.now() - started) / 1000, rows: await rowCounts(own) };
    });
    withoutMlflow = await completing;
  });

  it('Redis refuses: the run ends by itself, with the remedy', () => {
    const { said, seconds, rows } = withoutRedis;
    expectRefusal({ ...said, code: said.code ?? -1 }, 1, [
      /redis does not answer/,
      /ECONNREFUSED/,
      /remedy: Start Redis/,
    ]);
    expect(Object.values(rows).every((count) => count === 0)).toBe(true);
    // 10 s of waiting and the start of a process; the margin is for a busy machine.
    expect(seconds).toBeLessThan(600);
  });

  it('MLflow refuses: the run completes and says what waits', async () => {
    expect(withoutMlflow.code, withoutMlflow.stderr).toBe(0);
    expect(withoutMlflow.stderr).toMatch(/0 delivered, \d+ wait in the outbox/);
    const { pending, delivered } = await outboxStatus(place.database.pool);
    expect(withoutMlflow.stderr).toContain(`, ${pending} wait in the outbox`);
    expect(delivered).toBe(0);
  });

  it('the port is in use: said before the work, exit code 1', async () => {
    const { port, close } = await listen();
    const said = await place.run(['run', small, '--serve', '--port', String(port)]);
    await close();
    expectRefusal(said, 1, [new RegExp(`Port ${port} is in use`), /remedy: Give a free one with --port N/]);
    expect(said.stderr).not.toContain('ingest');
  });

  it('a model altered in the database is refused, and no report is written', async () => {
    const reports = (): string[] => readdirSync(join(home, 'reports'), { recursive: true }).map(String).sort();
    rmSync(join(home, 'reports'), { recursive: true });
    mkdirSync(join(home, 'reports'));
    const before = await rowCounts(place.database);
    await place.database.pool.query(
      `UPDATE signalbox.models SET content = set_byte(content, length(content) / 2, get_byte(content, length(content) / 2) # 1)`,
    );
    const words = [/Model [0-9a-f]{12} was altered/, /remedy: Train again with --fresh/];
    expectRefusal(await place.run(['models', 'show', 'small', '--json']), 1, words);
    expectRefusal(await place.run(['run', small, '--once', '--json']), 1, words);
    expect(await rowCounts(place.database)).toEqual(before);
    expect(reports()).toEqual([]);
    const again = await place.run(['run', small, '--once', '--fresh', '--json']);
    expect(again.code, again.stderr).toBe(0);
    expect(await rowCounts(place.database)).toEqual(before);
  });
});

describe('the same commands, given what they need', () => {
  const good = (): string => join(folder, 'good.csv');
  const cases: [what: string, args: () => string[], code: 0 | 1][] = [
    ['run', () => ['run', small, '--once'], 0],
    [
      'backtest',
      () => ['backtest', '--bars', good(), '--strategy', 'sma-cross', '--set', 'fast=3', '--set', 'slow=5'],
      0,
    ],
    ['features', () => ['features', '--bars', good(), '--features', 'sma(3)', '--out', join(folder, 'made.csv')], 0],
    ['check', () => ['check', '--file', good()], 0],
    ['ingest', () => ['ingest', small], 0],
    ['ingest the sample', () => ['check', '--vendor', 'sample'], 0],
    ['materialize', () => ['materialize', small], 0],
    ['models list', () => ['models', 'list'], 0],
    ['models show', () => ['models', 'show', 'small@1'], 0],
    ['models promote, refused', () => ['models', 'promote', 'small@1'], 1],
    ['models promote', () => ['models', 'promote', 'small@1', '--force', '--reason', 'to see'], 0],
    ['tracking status', () => ['tracking', 'status'], 0],
    ['db status', () => ['db', 'status'], 0],
    ['db migrate', () => ['db', 'migrate'], 0],
    ['db backup', () => ['db', 'backup', join(folder, 'backup.tar')], 0],
    ['doctor', () => ['doctor'], 0],
  ];

  it.each(cases.map(([what], index) => [what, index] as const))(
    'print one JSON document and nothing else: %s',
    async (_what, index) => {
      const [, args, code] = cases[index]!;
      const said = await place.run([...args(), '--json']);
      expect(said.code, said.stderr).toBe(code);
      expect(said.stdout.trimEnd().split('\n')).toHaveLength(1);
      expect(() => JSON.parse(said.stdout) as unknown).not.toThrow();
    },
  );
});
