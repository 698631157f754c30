import { appendAudit, type Actor } from '../../audit/audit-store.ts';
import type { CommandOutput } from '../../command.ts';
import { InputError } from '../../errors.ts';
import type { Database } from '../../postgres/database.ts';
import { plainTable } from '../../terminal/plain-table.ts';
import { LOG_LEVELS, LOG_MODULES, moduleFault, type LogLevel } from '../log-levels.ts';
import { readLevels, writeLevel } from './level-store.ts';

/** As a level is taken back: the settings of each process hold again. */
export const UNSET = 'unset';

const PROCESS = /^(\*|service|worker|session|session:.{1,300})$/;

/** What is to be set, by whom. */
export interface LevelAsked {
  readonly module: string;
  /** A level, or `unset`. */
  readonly level: string;
  /** `*`, `service`, `worker`, `session`, or `session:ID`. */
  readonly process: string;
  readonly actor: Actor;
  readonly reason: string;
}

/** `logs level`: the levels that are set, and what they can be set for. */
export async function showLevels({ pool }: Pick<Database, 'pool'>): Promise<CommandOutput> {
  const levels = await readLevels(pool);
  const cells = levels.map(({ module, process, level, actor, setAt }) => {
    return [module, process, level, actor, setAt.toISOString().slice(0, 19).replace('T', ' ')];
  });
  const none = `Levels are as each process was started with. Modules: ${LOG_MODULES.join(', ')}.`;
  const text = (): string =>
    cells.length === 0 ? none : plainTable(['module', 'process', 'level', 'by', 'at'], cells);
  return { value: { levels, modules: LOG_MODULES }, text };
}

/**
 * `logs level MODULE LEVEL`: sets a level in every process that is meant, those that run and those that begin later,
 * and answers with what is set then. The change and its entry of the audit are stored together.
 * @throws InputError for a module, level or process that there is not
 */
export async function setLevel(
  database: Pick<Database, 'pool' | 'transaction'>,
  { module, level, process, actor, reason }: LevelAsked,
): Promise<CommandOutput> {
  const fault = moduleFault(module);
  if (fault !== null) throw new InputError(`${module}: ${fault}`, 'signalbox logs level names what there is.');
  if (level !== UNSET && !(LOG_LEVELS as readonly string[]).includes(level)) {
    throw new InputError(`${level} is no level.`, `Give one of ${[...LOG_LEVELS, UNSET].join(', ')}.`);
  }
  if (!PROCESS.test(process)) {
    throw new InputError(`${process} is no process.`, 'Give service, worker, session, session:ID, or * for all.');
  }
  await database.transaction(async (client) => {
    await writeLevel(client, {
      module,
      process,
      level: level === UNSET ? null : (level as LogLevel),
      actor: actor.name,
    });
    const details = { module, process, level };
    await appendAudit(client, [{ actor, action: 'log-level', sessionId: null, reason, details }]);
  });
  return showLevels(database);
}
