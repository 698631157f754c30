import { SignalboxError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { isOutage } from '../../../infra/postgres/database-error.ts';
import type { JournalSink, JournalWrite } from '../../journal/journal-write.ts';
import type { SessionState } from '../../session-state.ts';
import type { RecordedClose } from '../session-bar-store.ts';
import type { TakenMark } from './taken-command.ts';
import type { VenueInput } from '../venue/venue-input.ts';
import type { DatabasePresence } from './database-presence.ts';
import type { LocalLog } from './local-log.ts';
import { writeSession, type SessionWrites } from './session-writes.ts';
import { writerStanding, type WriterStanding } from './session-writer-store.ts';

/** Commits that are merged at once. */
const MERGED_AT_ONCE = 100;

export interface SessionRecordOptions {
  readonly database: Pick<Database, 'transaction'>;
  readonly sessionId: string;
  readonly standing: WriterStanding;
  /**
   * Where it goes while the database is away. Absent: a commit waits, as nothing of the session is anywhere but here.
   */
  readonly log?: LocalLog | undefined;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/**
 * The record of a session that runs: closes, inputs and effects are added as they come about, and all that was added is
 * made durable together by the next commit. With the database away that is a local log, which is merged when it is
 * back; each commit has a number, so that one of which the answer was lost is not made twice.
 */
export class SessionRecord implements JournalSink {
  readonly #options: SessionRecordOptions;
  #presence: DatabasePresence | null = null;
  #hear: (place: 'database' | 'local-log') => void = () => undefined;
  #closes: RecordedClose[] = [];
  #inputs: VenueInput[] = [];
  #commands: TakenMark[] = [];
  #commits: number;
  #step: number;
  /** Commits that the database does not have, as far as is known. */
  #unmerged: SessionWrites[] = [];
  #place: 'database' | 'local-log' = 'database';
  /** What is being written to the local log. */
  #logging: Promise<void> = Promise.resolve();
  /** Closes that were added. */
  closes = 0;

  constructor(options: SessionRecordOptions) {
    this.#options = options;
    this.#commits = options.standing.commits;
    this.#step = options.standing.step;
  }

  /** Said once, before the first commit. */
  watchedBy(presence: DatabasePresence): void {
    this.#presence = presence;
  }

  /** Said once: hears when commits begin to go to the local log, and when they go to the database again. */
  heardBy(hear: (place: 'database' | 'local-log') => void): void {
    this.#hear = hear;
  }

  /** Where the local log is. */
  get path(): string {
    return this.#options.log?.path ?? '';
  }

  /** What is committed reaches the disk of this machine only: it counts for protective orders. */
  get isLocal(): boolean {
    return this.#place === 'local-log';
  }

  addClose(close: RecordedClose): void {
    this.#closes.push(close);
    this.closes += 1;
  }

  /** What decides the newest close was asked and could not answer. */
  refuse(closeTimeMs: number, unfit: string): void {
    this.#closes = this.#closes.map((close) => (close.closeTimeMs === closeTimeMs ? { ...close, unfit } : close));
  }

  addInputs(inputs: readonly VenueInput[]): void {
    this.#inputs.push(...inputs);
  }

  addCommands(marks: readonly TakenMark[]): void {
    this.#commands.push(...marks);
  }

  /** `step` steps of the market have begun. */
  reach(step: number): void {
    this.#step = step;
  }

  /** Makes all that was added durable, together with `journal`. A state is left out where it would be local. */
  async commit(journal: Iterable<JournalWrite>, state?: SessionState): Promise<void> {
    const writes = this.#take([...journal], state !== undefined);
    if (writes === null) return;
    const presence = this.#presence!;
    presence.requireWhole();
    if (!presence.isAway) {
      try {
        const { database, sessionId } = this.#options;
        return await presence.bounded(() =>
          database.transaction((client) => writeSession(client, sessionId, writes, state)),
        );
      } catch (error) {
        if (!isOutage(error)) throw error;
      }
    }
    await this.#keep(writes);
  }

  #take(journal: readonly JournalWrite[], forced: boolean): SessionWrites | null {
    const [closes, inputs, commands] = [this.#closes, this.#inputs, this.#commands];
    if (!forced && closes.length + inputs.length + commands.length + journal.length === 0) return null;
    [this.#closes, this.#inputs, this.#commands] = [[], [], []];
    const { writer } = this.#options.standing;
    this.#commits += 1;
    return { writer, commits: this.#commits, step: this.#step, closes, inputs, commands, journal };
  }

  async #keep(writes: SessionWrites): Promise<void> {
    const { log, signal, note } = this.#options;
    this.#unmerged.push(writes);
    if (log === undefined) return this.#presence!.untilBack(signal);
    if (this.#place === 'database') {
      this.#place = 'local-log';
      note(`inputs and effects go to the local log ${log.path}: nothing opens`);
      this.#hear('local-log');
    }
    this.#logging = log.append(writes);
    await this.#logging;
    if (this.#presence!.isAway || !this.#unmerged.includes(writes)) return;
    // It has come back while the log was written: this was not among what was merged.
    await this.#presence!.ask(() => this.merge(), undefined);
  }

  /** Writes what the database does not have. @throws SignalboxError where another process has taken the session up */
  async merge(): Promise<void> {
    const { database, sessionId, log } = this.#options;
    while (this.#unmerged.length > 0) {
      const some = this.#unmerged.slice(0, MERGED_AT_ONCE);
      await database.transaction((client) => mergeInto(client, sessionId, some));
      this.#unmerged.splice(0, some.length);
      await this.#logging;
    }
    log?.remove();
    if (this.#place === 'database') return;
    this.#place = 'database';
    this.#hear('database');
  }

  /** Commits that are in the local log alone. */
  get unmerged(): number {
    return this.#unmerged.length;
  }
}

type Client = Parameters<Parameters<Database['transaction']>[0]>[0];

/** Writes commits that the database does not have, in the caller's transaction. */
export async function mergeInto(client: Client, sessionId: string, commits: readonly SessionWrites[]): Promise<void> {
  const known = await writerStanding(client, sessionId, { locks: true });
  for (const writes of commits) {
    if (known?.writer !== writes.writer) throw followed(sessionId);
    if (writes.commits > known.commits) await writeSession(client, sessionId, writes);
  }
}

function followed(sessionId: string): SignalboxError {
  return new SignalboxError(`Session "${sessionId}" was taken up by another process while the database was away.`, {
    remedy: 'Stop that one, and compare its orders with those at the venue: signalbox orders --session ID.',
  });
}
