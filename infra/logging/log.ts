import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config.ts';
import { maskJson } from './mask-secrets.ts';

export type { Logger };

/** Members of logged objects whose values never leave the process, at the top and one level down. */
const SECRET_KEYS = ['password', 'token', 'secret', 'apiKey', 'authorization', 'mlflowPassword', 'cookie'];

const written = new Map<string, number>();

/** Lines that this process has logged since it began, by level. */
export function logLines(): ReadonlyMap<string, number> {
  return written;
}

/**
 * JSON lines on standard error, or in `destination`. Passwords inside URLs and `key=value` text are masked in every
 * line, secret members of objects are replaced.
 */
export function createLogger(
  config: Pick<Config, 'logLevel'>,
  destination: DestinationStream = process.stderr,
): Logger {
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: {
        logMethod(args, method, level) {
          const name = pino.levels.labels[level]!;
          written.set(name, (written.get(name) ?? 0) + 1);
          method.apply(this, args);
        },
      },
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '***' },
    },
    { write: (line: string) => destination.write(`${maskJson(line.trimEnd())}\n`) },
  );
}
