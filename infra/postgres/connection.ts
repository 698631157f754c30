import pg from 'pg';
import { InputError } from '../errors.ts';

/** Every table of ours lives here. */
export const SCHEMA = 'signalbox';

const INT8 = 20;

/**
 * int8 comes as a number where a number holds it exactly, as a bigint beyond; all else as pg does it (NUMERIC is text,
 * timestamptz a Date).
 */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary'
      ? parseInt8
      : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

function parseInt8(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/**
 * A lock that another process does not give back (it was stopped, or its machine is gone) ends in an error, and the
 * server notices within minutes that a machine is gone. There is no limit of a statement: an index may take as long as
 * it needs. Whether the server is there at all the client watches (`WatchedClient`). Nor is there one of idle
 * transactions: a slow reader is no fault.
 */
const LIMITS = [
  '-c lock_timeout=900s',
  '-c tcp_keepalives_idle=60',
  '-c tcp_keepalives_interval=10',
  '-c tcp_keepalives_count=6',
].join(' ');

/** Settings of every connection to `url`: our name, our types, our schema first in the search path, UTC. */
export function clientConfig(url: string, applicationName = 'signalbox'): pg.ClientConfig {
  const parsed = parseDatabaseUrl(url);
  const own = `-c search_path=${SCHEMA},public -c timezone=UTC ${LIMITS}`;
  // What the URL says would win over this object, so our options are added to the URL's own.
  parsed.searchParams.set('options', [parsed.searchParams.get('options'), own].filter(Boolean).join(' '));
  parsed.searchParams.set('application_name', applicationName);
  return { connectionString: parsed.href, types: TYPES, keepAlive: true };
}

/** Checks the form of DATABASE_URL. Throws InputError without repeating it: it may hold a password. */
function parseDatabaseUrl(url: string): URL {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new InputError(
      'DATABASE_URL is not a PostgreSQL URL.',
      'Write it as postgres://user:password@host:5432/database, special characters percent-encoded.',
    );
  }
  return new URL(url);
}

/** `host:port/database` of a URL, for messages. */
export function addressOf(url: string): string {
  const { hostname, port, pathname } = parseDatabaseUrl(url);
  return `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}${pathname}`;
}
