import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { newestSignalBut, signalsAfter } from '../../journal/journal-store.ts';
import { listSessions } from '../../sessions/session-store.ts';
import { SignalRelay } from './signal-relay.ts';

/** The relay of a session where REDIS_URL is set; null where it is not. */
export async function relayOf(
  { config, database, progress }: Pick<CommandContext, 'config' | 'database' | 'progress'>,
  sessionId: string,
): Promise<SignalRelay | null> {
  const { redisUrl: url } = config;
  if (url === null) return null;
  const { pool } = await database();
  return new SignalRelay({
    url,
    sessionId,
    read: (after, limit) => signalsAfter(pool, sessionId, { after, limit }),
    newestBut: (count) => newestSignalBut(pool, sessionId, count),
    note: (text) => progress.note(text),
  });
}

/**
 * Tells Redis of recorded signals that it was not told of: of one session, or of all that trade or traded.
 * @throws InputError without REDIS_URL, or for a session that there is not; SignalboxError where Redis does not answer.
 */
export async function publishSignals(context: CommandContext, sessionId: string | undefined): Promise<CommandOutput> {
  if (context.config.redisUrl === null) {
    throw new InputError(
      'REDIS_URL is not set: there is no Redis to publish to.',
      'Set it, or read the table signals.',
    );
  }
  const { pool } = await context.database();
  const sessions = await listSessions(pool, sessionId === undefined ? {} : { ids: [sessionId] });
  if (sessionId !== undefined && sessions.length === 0) {
    throw new InputError(`there is no session "${sessionId}"`, 'signalbox sessions list --all shows what there is.');
  }
  const told: { session: string; published: number }[] = [];
  for (const { id } of sessions) {
    const relay = (await relayOf(context, id))!;
    try {
      told.push({ session: id, published: await relay.publish() });
    } finally {
      await relay.close(0);
    }
  }
  const lines = told.map(({ session, published }) => `${session}: ${published} signals published`);
  return { value: told, text: () => (lines.length === 0 ? 'There is no session.' : lines.join('\n')) };
}
