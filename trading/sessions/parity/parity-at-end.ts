import type { CommandContext } from '../../../infra/command.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import type { Replay } from '../replay.ts';
import type { SessionResult } from '../../session-result.ts';
import { parityLine } from './parity-command.ts';
import type { SessionSource } from './parity-store.ts';
import { replayParity } from './replay-parity.ts';
import type { SessionParity } from './session-parity.ts';

/** How a session was asked for, and what prepares it again without a venue. */
export interface KnownSource {
  readonly source: SessionSource;
  readonly prepare: (source: SessionSource) => Promise<Replay>;
}

/** A session that runs, and itself as it would be run again. */
interface Comparable {
  readonly session: Replay['session'];
  readonly again: () => Promise<Replay>;
}

/** What the comparison up to a close has found, in words. */
export async function comparedAgain(
  context: CommandContext,
  { session, again }: Comparable,
  untilMs: number,
): Promise<string> {
  return parityLine(await replayParity(context, { ...(await again()), session }, untilMs));
}

/**
 * The comparison of a session that has ended; null where it had no bar, or where it cannot be prepared again, which is
 * said: the session's own result stands.
 */
export async function parityAtEnd(
  context: CommandContext,
  { session, again }: Comparable,
  { timeMs }: Pick<SessionResult, 'timeMs'>,
): Promise<SessionParity | null> {
  const untilMs = timeMs.at(-1);
  if (untilMs === undefined) return null;
  try {
    return await replayParity(context, { ...(await again()), session }, untilMs);
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    const later = `signalbox parity --session ${session.id} tries again`;
    context.progress.note(`it could not be compared with the backtest of its bars: ${error.message} ${later}`);
    return null;
  }
}
