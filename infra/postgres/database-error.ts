import { SignalboxError } from '../errors.ts';
import { maskSecrets } from '../logging/mask-secrets.ts';

/** SQLSTATE or system error code of `error`, also of the first one inside an AggregateError; '' when it has none. */
export function codeOf(error: unknown): string {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : '';
}

interface Explanation {
  readonly text: (where: string) => string;
  readonly remedy: string;
}

const UNREACHABLE: Explanation = {
  text: (where) => `PostgreSQL at ${where} cannot be reached.`,
  remedy: 'Check host, port and network, or unset DATABASE_URL to use the embedded server.',
};
/** A stopped process, a cut network: nothing comes back, not even a refusal. */
const SILENT: Explanation = {
  text: (where) => `PostgreSQL at ${where} does not answer.`,
  remedy: 'It may be stopped, overloaded or cut off: look at that server and the network, then run the command again.',
};
const WRONG_USER: Explanation = {
  text: (where) => `PostgreSQL at ${where} refused the user or the password.`,
  remedy: 'Correct user and password in DATABASE_URL.',
};
const TOO_MANY: Explanation = {
  text: (where) => `PostgreSQL at ${where} has no connection left.`,
  remedy: 'End other clients or workers, or raise max_connections.',
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    text: (where) => `PostgreSQL at ${where} refused the connection: nothing listens there.`,
    remedy: 'Start that server, correct DATABASE_URL, or unset it to use the embedded server.',
  },
  ENOTFOUND: UNREACHABLE,
  EAI_AGAIN: UNREACHABLE,
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ECONNRESET: {
    text: (where) => `PostgreSQL at ${where} closed the connection.`,
    remedy: 'Look at the log of the server, then run the command again.',
  },
  '28P01': WRONG_USER,
  '28000': WRONG_USER,
  '3D000': {
    text: (where) => `The database ${where} does not exist.`,
    remedy: 'Create it (CREATE DATABASE ...) or correct DATABASE_URL.',
  },
  '42501': {
    text: (where) => `The user of ${where} may not do this.`,
    remedy: 'Grant it CREATE on the database: GRANT CREATE ON DATABASE ... TO ...',
  },
  '53100': {
    text: (where) => `The disk of PostgreSQL at ${where} is full.`,
    remedy: 'Free space on that disk, then run the command again: what was committed is kept.',
  },
  '53200': {
    text: (where) => `PostgreSQL at ${where} is out of memory.`,
    remedy: 'Free memory or run fewer workers (SIGNALBOX_WORKERS).',
  },
  '53300': TOO_MANY,
  '55P03': {
    text: (where) => `Another process holds what is needed of ${where}.`,
    remedy: 'Look for a Signalbox process that is stopped or at work, let it end, then run the command again.',
  },
  '57P03': {
    text: (where) => `PostgreSQL at ${where} is still starting or shutting down.`,
    remedy: 'Wait for it, then run the command again.',
  },
  '57P01': {
    text: (where) => `PostgreSQL at ${where} was shut down.`,
    remedy: 'Run the command again.',
  },
};

/**
 * The SignalboxError (exit code 1) for a failure of PostgreSQL that a user can act on; any other error comes back
 * unchanged. `where` is `host:port/database`.
 */
export function databaseError(error: unknown, where: string): unknown {
  if (error instanceof SignalboxError) return error;
  const message = error instanceof Error ? error.message : '';
  const timedOut = /timeout expired|connection timeout/i.test(message);
  const explanation = timedOut ? SILENT : EXPLANATIONS[codeOf(error)];
  if (explanation === undefined) return error;
  const detail = maskSecrets(message);
  const text = explanation.text(where);
  return new SignalboxError(detail === '' ? text : `${text} (${detail})`, { remedy: explanation.remedy, cause: error });
}

/** Codes of a server that is away for a moment: stopped, restarting, or cut off. */
const OUTAGES = new Set([
  'ECONNREFUSED',
  'ETIMEDOUT',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08003',
]);

/**
 * What `pg` says without a code of a connection that the other side closed, of one that is used after that, and of one
 * not made in time.
 */
const WITHOUT_CODE = /^(Connection terminated|Client has encountered a connection error|timeout expired)/;

/**
 * True when PostgreSQL did not do what was asked because it went away or is not back yet: asking again later may help.
 */
export function isOutage(error: unknown): boolean {
  const cause = error instanceof SignalboxError ? error.cause : error;
  return OUTAGES.has(codeOf(cause)) || (cause instanceof Error && WITHOUT_CODE.test(cause.message));
}

/** Whether a text was refused that PostgreSQL cannot hold, as one with the character U+0000 or half a pair. */
export function isUnstorableText(error: unknown): boolean {
  const code = codeOf(error);
  return code === '22021' || code === '22P05' || (code === '22P02' && /type json/.test((error as Error).message));
}

/** True when a server took no connection in time or answered nothing on one: it is there, but stopped or cut off. */
export function isSilence(error: unknown): boolean {
  const cause = error instanceof SignalboxError ? error.cause : error;
  return codeOf(cause) === 'ETIMEDOUT' || (cause instanceof Error && /^timeout expired/.test(cause.message));
}
