import { closeSync, existsSync, fdatasync, readFileSync, rmSync, writeFile } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { SignalboxError } from '../../../infra/errors.ts';
import { openPrivateLog, syncFolder } from '../../../infra/files/private-file.ts';
import { privateFolder } from '../../../infra/files/private-folder.ts';
import { sha256 } from '../../../infra/hash.ts';
import type { JournalWrite } from '../../journal/journal-write.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import type { SessionWrites } from './session-writes.ts';

/** Below the data folder. */
const FOLDER = 'local-logs';

const sync = promisify(fdatasync);
const write = promisify(writeFile);

/**
 * What a session could not put into the database, in a file of its own, in order: one line a commit, each with its
 * digest, on the disk before `append` returns.
 */
export class LocalLog {
  readonly path: string;
  #file: number | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** The log of a session below the data folder, whatever characters its id has. */
  static of(dataDir: string, sessionId: string): LocalLog {
    const name = `${sessionId.replaceAll(/[^\w.-]/g, '_').slice(0, 80)}-${sha256(sessionId).slice(0, 12)}.jsonl`;
    return new LocalLog(join(dataDir, FOLDER, name));
  }

  /**
   * What the file holds. A last line that was not written to its end is left out: nothing has been done about it.
   * @throws SignalboxError for a file that is damaged
   */
  read(): readonly SessionWrites[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8').split('\n');
    // What was written to its end ends with the end of its line.
    lines.pop();
    return lines.map((line, at) => {
      const [digest, text] = [line.slice(0, 64), line.slice(65)];
      if (digest === sha256(text)) return writesOf(text);
      throw new SignalboxError(`${this.path}:${at + 1} is damaged: its digest is another.`, {
        remedy: 'It holds what a session did while the database was away. Restore the file, or move it away and look.',
      });
    });
  }

  async append(writes: SessionWrites): Promise<void> {
    const isNew = this.#file === null;
    if (isNew) privateFolder(dirname(dirname(this.path)), FOLDER);
    this.#file ??= openPrivateLog(this.path);
    const text = textOf(writes);
    await write(this.#file, `${sha256(text)} ${text}\n`);
    await sync(this.#file);
    if (isNew) syncFolder(dirname(this.path));
  }

  /** All of it is in the database. */
  remove(): void {
    this.close();
    rmSync(this.path, { force: true });
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}

type Logged = Omit<SessionWrites, 'journal'> & {
  readonly journal: readonly { readonly states: [number, string][]; readonly write: JournalWrite }[];
};

function textOf({ journal, ...others }: SessionWrites): string {
  // JSON has no word for a Map.
  const logged = journal.map((write) => ({
    states: [...write.rows.states],
    write: { ...write, rows: { ...write.rows, states: null } },
  }));
  return JSON.stringify(toPlain({ ...others, journal: logged }));
}

function writesOf(text: string): SessionWrites {
  const { journal, ...others } = fromPlain(JSON.parse(text) as Plain) as Logged;
  const written = journal.map(({ states, write }) => ({ ...write, rows: { ...write.rows, states: new Map(states) } }));
  return { ...others, journal: written };
}
