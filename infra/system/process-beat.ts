import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '../clock.ts';
import { loggedLines } from '../logging/log.ts';
import { healthDocument, type HealthParts } from '../metrics/health-parts.ts';
import type { ProcessRole } from '../metrics/metrics.ts';
import type { Database } from '../postgres/database.ts';
import { programVersion } from '../program-version.ts';
import { forgetProcess, saveProcess } from './process-store.ts';

/** How often a process says that it is there. */
export const BEAT_MS = 10_000;
const KEPT_MS = 24 * 3_600_000;

export interface ProcessBeatOptions {
  readonly database: Pick<Database, 'pool'>;
  readonly role: ProcessRole;
  readonly health: HealthParts;
  readonly clock: Clock;
  /** Sockets of clients that are open now. */
  readonly sockets?: () => number;
}

/** A process that says where it can be seen that it is there: at once, every ten seconds, and until it ends. */
export class ProcessBeat {
  readonly id = randomUUID();
  readonly #options: ProcessBeatOptions;
  readonly #beganAt: Date;
  readonly #timer: NodeJS.Timeout;
  #saying: Promise<void> = Promise.resolve();

  private constructor(options: ProcessBeatOptions) {
    this.#options = options;
    this.#beganAt = new Date(options.clock());
    // While the database is away nobody can be told; the next beat tells it.
    this.#timer = setInterval(() => void this.#say().catch(() => undefined), BEAT_MS).unref();
  }

  static async start(options: ProcessBeatOptions): Promise<ProcessBeat> {
    const beat = new ProcessBeat(options);
    await beat.#say();
    return beat;
  }

  /** What is there no more is not shown; where the database is away too, it is shown as not seen since. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#saying.catch(() => undefined);
    await forgetProcess(this.#options.database.pool, this.id).catch(() => undefined);
  }

  #say(): Promise<void> {
    this.#saying = this.#saying.catch(() => undefined).then(() => this.#save());
    return this.#saying;
  }

  async #save(): Promise<void> {
    const { database, role, health, clock, sockets } = this.#options;
    const seenAt = new Date(clock());
    const own = { id: this.id, role, host: hostname(), pid: process.pid, version: programVersion() };
    await saveProcess(
      database.pool,
      {
        ...own,
        node: process.versions.node,
        beganAt: this.#beganAt,
        seenAt,
        health: healthDocument(await health.answer('ready')),
        figures: {
          memoryBytes: process.memoryUsage.rss(),
          sockets: sockets?.() ?? null,
          logLines: Object.fromEntries(loggedLines),
        },
      },
      new Date(seenAt.getTime() - KEPT_MS),
    );
  }
}
