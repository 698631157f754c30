import type pg from 'pg';
import { InputError } from '../../../infra/errors.ts';
import { listSessions } from '../session-store.ts';

/**
 * A session that was stopped in an emergency goes on only where an operator names it whole: it may be
 * holding positions without a stop, and why it stopped is to be looked at first. @throws InputError without that
 */
export async function requireConsent(
  client: Pick<pg.ClientBase, 'query'>,
  ids: readonly string[],
  consent: string | undefined,
): Promise<void> {
  const sessions = await listSessions(client, { ids });
  const stopped = sessions.find(
    ({ killState, pending }) =>
      killState?.startsWith('stop') === true || pending.some((word) => word.startsWith('emergency-')),
  )?.id;
  if (stopped === undefined || consent === `resume ${stopped}`) return;
  throw new InputError(
    `Session "${stopped}" was stopped in an emergency: it only observes.`,
    `Look at why first (signalbox alerts list). Where it is to go on, name it and add --consent "resume ${stopped}".`,
  );
}
