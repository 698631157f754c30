import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { LayeredCache, openCache } from '../cache/layered-cache.ts';
import type { Config } from '../config.ts';
import { SignalboxError } from '../errors.ts';
import { addressOf, clientConfig } from './connection.ts';
import { codeOf, databaseError } from './database-error.ts';
import { acquireEmbeddedServer } from './embedded/embedded-server.ts';
import { migrate } from './migrate.ts';
import { WatchedClient } from './watched-client.ts';
import { asStatements, runSteps, type WriteStep } from './write-steps.ts';

/** An open, migrated database. */
export interface Database {
  /**
   * int8 is a number (a bigint beyond 2^53), NUMERIC text, timestamptz a Date; schema `signalbox` is in the search
   * path.
   */
  readonly pool: pg.Pool;
  /** With the password: never print it. */
  readonly url: string;
  readonly embedded: boolean;
  /** What was read before, by content: see `LayeredCache`. */
  readonly cache: LayeredCache;
  /** Runs `work` between BEGIN and COMMIT; rolls back when it throws. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  /**
   * Does `steps` in one transaction, all of them or none: in one trip to the server, on a connection that is kept for
   * this, where none of them has rows to copy.
   */
  write(steps: readonly WriteStep[]): Promise<void>;
  /** Ends the pool; the last user of the embedded server stops it. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly onStage?: (text: string) => void;
  /** Apply pending migrations (default), or leave the schema alone. */
  readonly migrate?: boolean;
  /** Size of the pool. Default 10. */
  readonly connectionsMax?: number;
  /** Default: one in memory. */
  readonly cache?: LayeredCache;
}

/** How long a server that is starting up is waited for. */
const STARTING_TIMEOUT_MS = 30_000;
const VERSION_MIN = 16;
/** One writes; another does where the first waits for a server that has gone silent. */
const WRITING_CONNECTIONS = 2;

/**
 * Opens DATABASE_URL, or the embedded server when it is not set, and applies pending migrations. Throws SignalboxError
 * with a remedy: unreachable, wrong password, no such database, disk full, too many connections, older than PostgreSQL
 * 16, of a newer schema (exit code 1); InputError for a malformed URL (exit code 2).
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'> & Partial<Pick<Config, 'redisUrl' | 'logLevel'>>,
  asked: OpenOptions = {},
): Promise<Database> {
  const options = { cache: openCache(config, asked.onStage), ...asked };
  if (config.databaseUrl !== null) return connect(config.databaseUrl, options, null);
  const server = await acquireEmbeddedServer({ dataDir: config.dataDir, onStage: options.onStage });
  try {
    return await connect(server.url, options, server.release);
  } catch (error) {
    await server.release();
    throw error;
  }
}

/** Opens the database at `url`; `release` runs after the pool has ended. */
export async function connect(
  url: string,
  options: OpenOptions,
  release: (() => Promise<void>) | null,
): Promise<Database> {
  const where = addressOf(url);
  await prepare(url, options, where);
  const pool = openPool(url, { max: options.connectionsMax ?? 10, idleTimeoutMillis: 10_000 });
  // Kept however long nothing is written: to connect again would take as long as three commits.
  const writing = openPool(url, { max: WRITING_CONNECTIONS, idleTimeoutMillis: 0, pipeline: true });
  let closed: Promise<void> | null = null;
  const cache = options.cache ?? new LayeredCache();
  return {
    cache,
    pool,
    url,
    embedded: release !== null,
    transaction: (work) => runTransaction(pool, where, work),
    write: (steps) => {
      const statements = asStatements(steps);
      if (statements !== null) return writeTogether(writing, where, statements);
      return runTransaction(pool, where, (client) => runSteps(client, steps));
    },
    close: () => (closed ??= Promise.all([pool.end(), writing.end(), cache.close()]).then(() => release?.())),
  };
}

function openPool(url: string, options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(url), Client: WatchedClient, ...options });
  // An idle connection that breaks is dropped from the pool; the next query opens another or reports the outage.
  pool.on('error', () => undefined);
  return pool;
}

async function prepare(url: string, options: OpenOptions, where: string): Promise<void> {
  const client = await connectWhenStarted(url, where);
  try {
    const { rows } = await client.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    const version = Math.floor(rows[0]!.version / 10_000);
    if (version < VERSION_MIN) {
      throw new SignalboxError(`PostgreSQL at ${where} is version ${version}; ${VERSION_MIN} or later is needed.`, {
        remedy: 'Upgrade that server, or unset DATABASE_URL to use the embedded one.',
      });
    }
    if (options.migrate === false) return;
    const applied = await migrate(client);
    if (applied.length > 0) options.onStage?.(`database: applied ${applied.length} migrations (to ${applied.at(-1)})`);
  } catch (error) {
    throw databaseError(error, where);
  } finally {
    await client.end();
  }
}

async function connectWhenStarted(url: string, where: string): Promise<pg.Client> {
  const deadline = performance.now() + STARTING_TIMEOUT_MS;
  for (;;) {
    const client = new WatchedClient(clientConfig(url));
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (codeOf(error) !== '57P03' || performance.now() > deadline) throw databaseError(error, where);
    }
    await sleep(200);
  }
}

/**
 * Sends a whole transaction at once and then hears the answers. After a statement that fails the server does none of
 * the others, and its COMMIT rolls back.
 */
async function writeTogether(pool: pg.Pool, where: string, statements: readonly pg.QueryConfig[]): Promise<void> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw databaseError(error, where);
  }
  const queries: readonly (string | pg.QueryConfig)[] = ['BEGIN', ...statements, 'COMMIT'];
  const answers = await Promise.allSettled(queries.map((query) => client.query(query)));
  const failed = answers.find((answer) => answer.status === 'rejected');
  const ended = answers.at(-1)!;
  // One that has not heard how its transaction ended is not used again.
  client.release(ended.status === 'rejected' ? (ended.reason as Error) : undefined);
  if (failed !== undefined) throw databaseError(failed.reason, where);
}

async function runTransaction<T>(
  pool: pg.Pool,
  where: string,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw databaseError(error, where);
  }
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not returned to the pool; the first error is the one that matters.
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure));
    throw databaseError(error, where);
  } finally {
    client.release(broken);
  }
}
