import { once } from 'node:events';
import { connect as dial, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { openDatabase, type Database } from './database.ts';
import { findFreePort } from './embedded/free-port.ts';

const open = (databaseUrl: string): Promise<Database> => openDatabase({ databaseUrl, dataDir: '/nowhere' });

/**
 * The server's answer while it starts up: ErrorResponse (E) with severity, SQLSTATE and message, each ended by a zero
 * byte.
 */
function startingUp(): Buffer {
  const fields = Buffer.from('SFATAL\0C57P03\0Mthe database system is starting up\0\0');
  const head = Buffer.from('E....');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

describe('openDatabase', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const urlWith = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };

  it('says what is wrong, without the password, for every way a server can refuse', async () => {
    const port = await findFreePort();
    await database.pool.query("CREATE ROLE nobody_special LOGIN PASSWORD 'pw' CONNECTION LIMIT 0");
    const cases: [string, RegExp][] = [
      [urlWith((url) => (url.port = String(port))), /refused the connection/],
      [urlWith((url) => (url.password = 'wrong-password')), /refused the user or the password/],
      [urlWith((url) => (url.username = 'stranger')), /refused the user or the password/],
      [urlWith((url) => (url.pathname = '/absent')), /does not exist/],
      [urlWith((url) => ((url.username = 'nobody_special'), (url.password = 'pw'))), /no connection left/],
      [urlWith((url) => (url.hostname = 'absent.invalid')), /cannot be reached/],
    ];
    const { password } = new URL(database.url);
    for (const [url, message] of cases) {
      const error = await open(url).then(
        () => null,
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({
        exitCode: 1,
        message: expect.stringMatching(message),
        remedy: expect.stringMatching(/\w/),
      });
      expect(String(error)).not.toContain(password);
      expect(String(error)).not.toContain('wrong-password');
    }
    await database.pool.query('DROP ROLE nobody_special');
  });

  it('calls a malformed URL wrong input', async () => {
    for (const url of ['not a url', 'mysql://user:secret@host/db']) {
      await expect(open(url)).rejects.toMatchObject({ exitCode: 2, message: expect.not.stringContaining('secret') });
    }
  });

  it('waits for a server that is starting up', async () => {
    const real = Number(new URL(database.url).port);
    let connections = 0;
    const proxy = createServer((client: Socket) => {
      connections += 1;
      client.on('error', () => client.destroy());
      if (connections <= 2) {
        client.once('data', () => client.end(startingUp()));
        return;
      }
      const server = dial(real, '127.0.0.1');
      server.on('error', () => client.destroy());
      client.pipe(server).pipe(client);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const opened = await open(urlWith((url) => (url.port = String((proxy.address() as AddressInfo).port))));
    expect((await opened.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(connections).toBeGreaterThanOrEqual(3);
    await opened.close();
    proxy.close();
  });

  it('migrates an empty database and finds its tables without a schema name, in UTC', async () => {
    const empty = await createEmptyDatabase();
    const stages: string[] = [];
    const opened = await openDatabase(
      { databaseUrl: empty.url, dataDir: '/nowhere' },
      { onStage: (text) => stages.push(text) },
    );
    expect(stages.join()).toMatch(/applied \d+ migrations/);
    expect((await opened.pool.query('SELECT count(*) > 0 AS some FROM migrations')).rows).toEqual([{ some: true }]);
    expect((await opened.pool.query("SELECT current_setting('timezone') AS zone")).rows).toEqual([{ zone: 'UTC' }]);
    await opened.close();
    await empty.drop();
  });

  it('keeps what the URL itself asks of the server', async () => {
    const url = urlWith((copy) => copy.searchParams.set('options', '-c statement_timeout=54321'));
    const opened = await open(url);
    const { rows } = await opened.pool.query("SELECT current_setting('statement_timeout') AS t, current_schema() AS s");
    expect(rows).toEqual([{ t: '54321ms', s: 'signalbox' }]);
    await opened.close();
  });

  it('reads int8 as a number where that is exact, NUMERIC as text, timestamptz as a Date', async () => {
    const { rows } = await database.pool.query(
      "SELECT 9007199254740991::int8 AS safe, (-9007199254740993)::int8 AS wide, 1.10::numeric AS money, '2020-01-01Z'::timestamptz AS at",
    );
    expect(rows).toEqual([
      { safe: 9007199254740991, wide: -9007199254740993n, money: '1.10', at: new Date('2020-01-01Z') },
    ]);
  });

  it('commits a transaction whole or not at all', async () => {
    await database.pool.query('CREATE TABLE tx_probe (id int)');
    const insert = (fail: boolean): Promise<number> =>
      database.transaction(async (client) => {
        await client.query('INSERT INTO tx_probe VALUES (1)');
        if (fail) throw new Error('changed my mind');
        return 7;
      });
    await expect(insert(true)).rejects.toThrow('changed my mind');
    expect((await database.pool.query('SELECT FROM tx_probe')).rowCount).toBe(0);
    expect(await insert(false)).toBe(7);
    expect((await database.pool.query('SELECT FROM tx_probe')).rowCount).toBe(1);
  });

  it('survives the loss of a connection that is held and idle, and says so at the next query', async () => {
    const opened = await open(database.url);
    const client = await opened.pool.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const gone = new Promise<void>((resolve) => client.once('end', resolve));
    await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    await gone;
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    expect((await opened.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await opened.close();
  });

  it('survives the loss of its connections', async () => {
    await database.pool.query('SELECT 1');
    const killer = await open(database.url);
    await killer.pool.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await killer.close();
    await expect
      .poll(async () => (await database.transaction((client) => client.query('SELECT 1 AS one'))).rows)
      .toEqual([{ one: 1 }]);
  });
});
