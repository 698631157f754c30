import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { operatorOf } from '../../../infra/audit/operator.ts';
import { steadyBeside } from '../../../infra/clock.ts';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { workingOrders } from '../../journal/journal-store.ts';
import { chosenSession } from '../operators/chosen-session.ts';
import { listSessions } from '../session-store.ts';
import { askToStop, readSupervisors } from './supervisor-store.ts';

const LOOK_MS = 200;

/**
 * Asks a session and its supervisor to stop between two bars, and waits until they have. Positions and orders stay as
 * they are: started again, it goes on. Exit code 1 where it still runs after that.
 * @throws InputError where nothing runs
 */
export async function stopCommand(
  context: CommandContext,
  { wait, reason = '' }: { readonly wait: string; readonly reason?: string },
  asked: string | undefined,
): Promise<CommandOutput> {
  const database = await context.database();
  const { pool } = database;
  const seconds = Number(wait);
  if (!(seconds >= 0 && seconds <= 3_600))
    throw new InputError(`--wait ${wait} is no number from 0 to 3600.`, 'Correct it.');
  const id = asked ?? (await chosenSession(database, undefined)).id;
  const before = await standing(pool, id);
  if (!before.running && !before.supervised) {
    throw new InputError(`Session "${id}" is not running.`, 'signalbox sessions list shows what runs.');
  }
  await database.transaction(async (client) => {
    await askToStop(client, id);
    const actor = operatorOf(context.config);
    await appendAudit(client, [{ actor, action: 'session-stop-asked', sessionId: id, reason, details: {} }]);
  });
  // Not by a clock that may be put while it waits.
  const steady = steadyBeside(context.clock);
  const untilMs = steady() + seconds * 1_000;
  let now = before;
  while ((now.running || now.supervised) && steady() < untilMs) {
    await systemSleep(LOOK_MS, context.signal);
    now = await standing(pool, id);
  }
  const stopped = !now.running && !now.supervised;
  const orders = (await workingOrders(pool, [id])).length;
  const { positions } = now;
  const held = positions === null ? 'not known' : Object.entries(positions).map(([name, units]) => `${name} ${units}`);
  const left = typeof held === 'string' ? held : held.join(', ') || 'none';
  return {
    value: { session: id, stopped, positions, workingOrders: orders },
    text: () =>
      stopped
        ? `${id} is stopped; started again, it goes on.\n  positions kept: ${left}\n  working orders kept: ${orders}`
        : `${id} was asked to stop and still runs after ${seconds} s: signalbox sessions attach shows what it does.`,
    exitCode: stopped ? 0 : 1,
  };
}

async function standing(
  pool: Parameters<typeof listSessions>[0],
  id: string,
): Promise<{ running: boolean; supervised: boolean; positions: Readonly<Record<string, number>> | null }> {
  const [session] = await listSessions(pool, { ids: [id] });
  const supervisor = (await readSupervisors(pool, [id])).get(id);
  if (session === undefined && supervisor === undefined) {
    throw new InputError(`there is no session "${id}"`, 'signalbox sessions list shows what there is.');
  }
  return {
    running: session?.state === 'running',
    supervised: supervisor?.alive === true,
    positions: session?.positions ?? null,
  };
}
