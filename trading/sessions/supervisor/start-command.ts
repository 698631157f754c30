import { closeSync } from 'node:fs';
import { hostname } from 'node:os';
import { steadyBeside } from '../../../infra/clock.ts';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError, SignalboxError } from '../../../infra/errors.ts';
import { openPrivateLog } from '../../../infra/files/private-file.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { listSessions } from '../session-store.ts';
import { heedStops } from './heed-stops.ts';
import { LogFollower, turnLog } from '../../../infra/files/growing-log.ts';
import { lastWordsIn, sessionLogPath } from './session-log.ts';
import { startDetached, startRun } from './session-run.ts';
import { startedSession, type StartedSession, type StartOptions } from './started-session.ts';
import { supervise, type SuperviseEnd } from './supervise.ts';
import {
  noteDoing,
  noteLastWords,
  noteOutcome,
  noteSupervisor,
  readSupervisors,
  takeSupervision,
} from './supervisor-store.ts';

/** A supervisor opens its database, or fails to, within this. */
const BEGIN_MS_MAX = 60_000;
const LOOK_MS = 200;

/** Starts a session under a supervisor: in the background, or (`--foreground`) as this process. @throws InputError */
export async function startCommand(
  context: CommandContext,
  options: StartOptions,
  asked: string,
): Promise<CommandOutput> {
  const session = startedSession(asked, options);
  await requireStartable(context, session.id);
  if (options.foreground === true) return superviseHere(context, session, options.log);
  return startInBackground(context, session, options, asked);
}

async function requireStartable({ database }: CommandContext, id: string): Promise<void> {
  const [found] = await listSessions((await database()).pool, { ids: [id] });
  if (found === undefined || found.state === 'stopped') return;
  if (found.state === 'running') {
    throw new InputError(`Session "${id}" is running.`, 'signalbox sessions list shows what runs.');
  }
  throw new InputError(`Session "${id}" has ended.`, 'Begin another one with --session ID.');
}

async function superviseHere(
  context: CommandContext,
  session: StartedSession,
  log: string | undefined,
): Promise<CommandOutput> {
  const { pool } = await context.database();
  const { id, hours, restartsMax } = session;
  const lock = await takeSupervision(pool, id);
  const heeded = await heedStops(pool, id, context.signal);
  try {
    await noteSupervisor(pool, { sessionId: id, host: hostname(), pid: process.pid, log: log ?? null });
    const away = (error: unknown): void =>
      context.progress.note(`supervisor: the database does not answer: ${(error as Error).message}`);
    const end = await supervise({
      start: () => startRun(session.arguments),
      hours,
      restartsMax,
      clock: context.clock,
      sleep: systemSleep,
      signal: heeded.signal,
      say: async (doing, restarts) => {
        context.progress.note(`${new Date(context.clock()).toISOString()} supervisor: ${doing}`);
        // A session is kept running while its database is away: what it is about is said in the log all the same.
        await noteDoing(pool, id, doing, restarts).catch(away);
      },
      onFailure: async () => {
        if (log !== undefined) await noteLastWords(pool, id, lastWordsIn(log)).catch(away);
      },
    });
    await noteOutcome(pool, id, end.why).catch(away);
    return endOutput(id, end);
  } finally {
    await heeded.end();
    await lock.release();
  }
}

function endOutput(id: string, { why, restarts }: SuperviseEnd): CommandOutput {
  if (why === 'refused') {
    throw new InputError(`Session "${id}" was refused for what it was asked.`, 'What it said stands above.');
  }
  const words = { ended: 'has ended', stopped: 'was stopped: started again it goes on', 'gave-up': 'died too often' };
  return {
    value: { session: id, end: why, restarts },
    text: () => `${id} ${words[why]} (${restarts} restarts)`,
    exitCode: why === 'gave-up' ? 1 : 0,
  };
}

async function startInBackground(
  context: CommandContext,
  { id }: StartedSession,
  options: StartOptions,
  asked: string,
): Promise<CommandOutput> {
  const { pool } = await context.database();
  if ((await readSupervisors(pool, [id])).get(id)?.alive === true) {
    throw new InputError(`Session "${id}" has a supervisor already.`, 'signalbox sessions attach shows what it does.');
  }
  const log = sessionLogPath(context.config.dataDir, id);
  turnLog(log);
  const follower = new LogFollower(log, 0);
  const file = openPrivateLog(log);
  const { pid, ended } = startDetached([...wordsOf(asked, id, options), '--log', log], file);
  closeSync(file);
  let over = false;
  void ended.then(() => (over = true));
  // Not by a clock that may be put while it waits.
  const steady = steadyBeside(context.clock);
  const untilMs = steady() + BEGIN_MS_MAX;
  while (!over && steady() < untilMs) {
    const found = (await readSupervisors(pool, [id])).get(id);
    if (found?.alive === true && found.pid === pid) {
      const shell = `'${id.replaceAll("'", `'\\''`)}'`;
      const text = [
        `${id} is started under supervisor ${pid}; its log is ${log}`,
        `signalbox sessions attach ${shell} follows it, signalbox sessions stop ${shell} stops it.`,
      ];
      return { value: { session: id, pid, log }, text: () => text.join('\n') };
    }
    await systemSleep(LOOK_MS, context.signal);
  }
  throw new SignalboxError(`Session "${id}" did not start: ${follower.next().trim().split('\n').slice(-3).join(' ')}`, {
    remedy: `Its log is ${log}.`,
  });
}

/** The same command again, as the supervisor. */
function wordsOf(asked: string, id: string, options: StartOptions): string[] {
  const { session: _id, foreground: _foreground, realJumps, shadow, set, marginMode, ...named } = options;
  const given = Object.entries(named).flatMap(([name, value]) =>
    typeof value === 'string' ? [`--${name}`, value] : [],
  );
  return [
    ...['sessions', 'start', asked, '--foreground', '--session', id],
    ...given,
    ...(marginMode === undefined ? [] : ['--margin-mode', marginMode]),
    ...(shadow ?? []).flatMap((one) => ['--shadow', one]),
    ...(set ?? []).flatMap((parameter) => ['--set', parameter]),
    ...(realJumps === true ? ['--real-jumps'] : []),
  ];
}
