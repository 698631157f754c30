import { nearestName } from '../../features/expressions/nearest-name.ts';
import { wordsBetween } from '../files/words-between.ts';

export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Stands for every module that no other level is set for. */
export const EVERY_MODULE = '*';

/** What writes lines, by name; a name without its last part stands for all below it. */
const MODULES = [
  'alerts',
  'cache',
  'service.live',
  'service.requests',
  'trading.bars',
  'trading.commands',
  'trading.execution',
  'trading.risk',
  'trading.signals',
] as const;

/** The module of a logger. */
export type LogModule = (typeof MODULES)[number];

/** Every name that a level can be set for: modules, and what they stand below. */
export const LOG_MODULES: readonly string[] = [
  EVERY_MODULE,
  ...new Set(MODULES.flatMap((name) => [name.split('.')[0]!, name])),
];

/** Levels by module; the level of `*` holds where no name fits. */
export type LogLevels = Readonly<Record<string, LogLevel>>;

/** What is wrong with the name of a module, in words; null where there is such a module. */
export function moduleFault(name: string): string | null {
  if (LOG_MODULES.includes(name)) return null;
  const nearest = nearestName(name, LOG_MODULES);
  const meant = nearest === null ? `there are ${LOG_MODULES.join(', ')}` : `did you mean ${nearest}?`;
  return `there is no module of that name: ${meant}`;
}

/**
 * Levels as `SIGNALBOX_LOG` spells them: `info,trading.execution=debug`. One without a name holds for every module.
 * @returns the levels, or in words what is wrong
 */
export function parseLogLevels(text: string): LogLevels | string {
  const levels: Record<string, LogLevel> = {};
  for (const word of wordsBetween(text, ',')) {
    const at = word.indexOf('=');
    const [name, level] = at < 0 ? [EVERY_MODULE, word] : [word.slice(0, at).trim(), word.slice(at + 1).trim()];
    if (!isLevel(level))
      return `must hold levels out of ${LOG_LEVELS.join(', ')}, such as info,trading.execution=debug`;
    const fault = moduleFault(name);
    if (fault !== null) return fault;
    levels[name] = level;
  }
  return levels;
}

function isLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/** The level of a module: that of the longest name that it stands below, else `preset`. */
export function levelOf(levels: LogLevels, module: string, preset: LogLevel): LogLevel {
  for (let name = module; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    if (Object.hasOwn(levels, name)) return levels[name]!;
  }
  return levels[EVERY_MODULE] ?? preset;
}
