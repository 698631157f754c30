import { hostname } from 'node:os';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { LogFollower } from '../../../infra/files/growing-log.ts';
import { readSupervisors, type SupervisorRow } from './supervisor-store.ts';

const LOOK_MS = 300;
/** What is shown of what was said before. */
const LAST_BYTES = 4_096;

/**
 * Shows what a supervised session says, from a little before now on, until it is over or Ctrl-C, which leaves it
 * running. With `--json` what is known of its supervisor, at once.
 * @throws InputError where there is no supervisor, or its log is not here
 */
export async function attachCommand(context: CommandContext, asked: string | undefined): Promise<CommandOutput> {
  const { pool } = await context.database();
  const all = await readSupervisors(pool, asked === undefined ? null : [asked]);
  const found = [...all.values()].find(({ alive }) => alive) ?? [...all.values()][0];
  if (found === undefined) {
    throw new InputError(
      asked === undefined ? 'No session has a supervisor.' : `Session "${asked}" has no supervisor.`,
      'signalbox sessions start EXPERIMENT starts one under it; signalbox sessions show --watch looks at any session.',
    );
  }
  const { sessionId, alive, doing, doingSince, restarts, pid, host, log } = found;
  const standing = { session: sessionId, alive, doing, doingSince, restarts, pid, host, log };
  const text = `${sessionId}: ${alive ? '' : 'over; '}${doing} since ${doingSince.toISOString()}, ${restarts} restarts`;
  if (!context.json) await follow(context, found);
  return { value: standing, text: () => text };
}

async function follow(context: CommandContext, { sessionId, host, log }: SupervisorRow): Promise<void> {
  if (log === null) {
    throw new InputError(
      `Session "${sessionId}" was started in the foreground: it keeps no log of its own.`,
      'Look at its terminal, or, of a service, at journalctl -fu signalbox-session@EXPERIMENT.',
    );
  }
  if (host !== hostname()) throw new InputError(`The log of "${sessionId}" is on ${host}: ${log}.`, 'Attach there.');
  const { pool } = await context.database();
  const follower = new LogFollower(log, LAST_BYTES);
  for (;;) {
    const alive = (await readSupervisors(pool, [sessionId])).get(sessionId)?.alive === true;
    for (let text = follower.next(); text !== ''; text = follower.next()) context.print(text);
    if (!alive) return;
    try {
      await systemSleep(LOOK_MS, context.signal);
    } catch (error) {
      if (!context.signal.aborted) throw error;
      return;
    }
  }
}
