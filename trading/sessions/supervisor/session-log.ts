import { join } from 'node:path';
import { hashOf } from '../../../infra/hash.ts';
import { LogFollower } from '../../../infra/files/growing-log.ts';
import { privateFolder } from '../../../infra/files/private-folder.ts';

/** The file that the output of a session's supervisor goes to, whatever its id holds. */
export function sessionLogPath(dataDir: string, id: string): string {
  const safe = id.replace(/[^\w.-]+/g, '_').slice(0, 80);
  const name = safe === id ? id : `${safe}-${hashOf(id).slice(0, 8)}`;
  return join(privateFolder(dataDir, 'logs', 'sessions'), `${name}.log`);
}

/** Bytes at the end of a log among which the last words are looked for, and lines that they have at most. */
const WORDS_BYTES = 4_000;
const WORDS_LINES = 3;

/** What the session said last in the log that it shares with its supervisor. */
export function lastWordsIn(log: string): string {
  const lines = new LogFollower(log, WORDS_BYTES).next().split('\n');
  const own = lines.filter((line) => line.trim() !== '' && !/^\S* supervisor: /.test(line));
  return own.slice(-WORDS_LINES).join('\n');
}
