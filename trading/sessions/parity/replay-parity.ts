import type { CommandContext } from '../../../infra/command.ts';
import { decodeRecords } from '../../journal/journal-record.ts';
import { recordedSilences } from '../../journal/recorded-silences.ts';
import { readRecords } from '../../journal/journal-store.ts';
import { liveBars } from '../live-bars.ts';
import type { Replay } from '../replay.ts';
import { replayFeed, type ClosedBars } from '../replayed-feed.ts';
import { SessionBars } from '../session-bar-store.ts';
import { SessionCommands } from '../record/session-commands.ts';
import { sessionParity, type SessionParity } from './session-parity.ts';
import { writeParity } from './parity-store.ts';

/**
 * Compares a stored session with the backtest of the bars that it was given, and stores that.
 * @param replay a session as it would be run again; one with a live feed is used up
 * @param untilMs the last close that it is through with
 */
export async function replayParity(
  { database, clock, signal }: Pick<CommandContext, 'database' | 'clock' | 'signal'>,
  replay: Replay,
  untilMs: number,
): Promise<SessionParity> {
  const { pool } = await database();
  const { session, options } = replay;
  const records = await readRecords(pool, session.id);
  const commands = await SessionCommands.load(pool, session.id);
  const parity = await sessionParity({
    sessionId: session.id,
    entries: decodeRecords(records),
    silences: recordedSilences(decodeRecords(records)),
    options,
    feed: upTo(untilMs, recordedFeed(replay, new SessionBars(pool, session.id), signal)),
    commands: (step) => commands.replayed(step),
    costs: replay.costs,
    clock,
    signal,
  });
  await writeParity(pool, parity);
  return parity;
}

/** What the session was given: history, and what it recorded of a live feed. Nothing comes after that. */
function recordedFeed(
  { bars, live, options: { instruments } }: Replay,
  store: SessionBars,
  signal: AbortSignal,
): AsyncIterable<ClosedBars> {
  if (live === undefined) return replayFeed(bars, instruments, { signal });
  const tail = {
    ...live,
    open: async function* () {
      /* Nothing comes. */
    },
  };
  return liveBars({ instruments, warmUp: bars, tail, store, signal });
}

async function* upTo(untilMs: number, feed: AsyncIterable<ClosedBars>): AsyncGenerator<ClosedBars> {
  for await (const closed of feed) {
    if (closed.closeTimeMs > untilMs) return;
    yield closed;
  }
}
