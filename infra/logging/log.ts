import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../config.ts';
import { currentScope } from '../tracing/scope.ts';
import { levelOf, type LogLevels, type LogModule } from './log-levels.ts';
import { maskJson } from './mask-secrets.ts';

export type { Logger };

/** Members of logged objects whose values never leave the process, at the top and one level down. */
const SECRET_KEYS = ['password', 'token', 'secret', 'apiKey', 'authorization', 'mlflowPassword', 'cookie'];

const COUNTED = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** Lines that this process has logged, by level. */
export const loggedLines = new Map<string, number>(COUNTED.map((level) => [level, 0]));

/** What the settings say of levels; `logModules` may be left out. */
export type LogConfig = Pick<Config, 'logLevel'> & Partial<Pick<Config, 'logModules'>>;

/** A logger whose level may be set while it runs. */
interface Leveled {
  readonly logger: Logger;
  readonly config: LogConfig;
  readonly module: string;
}

/** Those that are in use; one that nobody holds any more is gone. */
const leveled = new Set<WeakRef<Leveled>>();
/** Keeps what is known of a logger as long as the logger. */
const kept = new WeakMap<Logger, Leveled>();
/** Levels that were set while the process runs; they win over the settings. */
let set: LogLevels = {};

/**
 * JSON lines on standard error, or in `destination`. Passwords inside URLs and `key=value` text are masked in every
 * line, secret members of objects are replaced. What is done for a request carries its correlation id.
 * @param module whose level holds; that of `*` where it is left out
 */
export function createLogger(
  config: LogConfig,
  destination: DestinationStream = process.stderr,
  module: LogModule | '' = '',
): Logger {
  const logger = pino(
    {
      level: 'info',
      base: module === '' ? null : { module },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '***' },
      mixin: scoped,
      hooks: {
        logMethod(args, method, level) {
          const name = pino.levels.labels[level]!;
          loggedLines.set(name, loggedLines.get(name)! + 1);
          method.apply(this, args);
        },
      },
    },
    { write: (line: string) => destination.write(`${maskJson(line.trimEnd())}\n`) },
  );
  const one: Leveled = { logger, config, module };
  kept.set(logger, one);
  leveled.add(new WeakRef(one));
  apply(one);
  return logger;
}

/** From here on these levels hold in this process; what they do not name is as the settings have it. */
export function setLogLevels(levels: LogLevels): void {
  set = levels;
  for (const ref of leveled) {
    const one = ref.deref();
    if (one === undefined) leveled.delete(ref);
    else apply(one);
  }
}

function apply({ logger, config, module }: Leveled): void {
  logger.level = levelOf({ ...config.logModules, ...set }, module, config.logLevel);
}

function scoped(): object {
  const scope = currentScope();
  if (scope === null) return {};
  const { correlationId, traceparent } = scope;
  return traceparent === null ? { correlationId } : { correlationId, trace: traceparent.split('-')[1] };
}
