import type { Progress } from '../../infra/terminal/progress.ts';
import type { IngestProgress } from './ingest-job-store.ts';

/** Said no more often than this. */
const SAID_MS = 500;
const NOTES_MAX = 20;

/** Progress as it is put on record: the stage that began last, and the last notes. */
export class RecordedProgress implements Progress {
  readonly #save: (progress: IngestProgress) => void;
  readonly #now: () => number;
  #saidMs = -Infinity;
  #stage = '';
  #done = 0;
  #total: number | null = null;
  #notes: string[] = [];

  /** @param save is given what there is to say, twice a second at most @param now monotonic milliseconds */
  constructor(save: (progress: IngestProgress) => void, now: () => number = () => performance.now()) {
    this.#save = save;
    this.#now = now;
  }

  get progress(): IngestProgress {
    return { stage: this.#stage, done: this.#done, total: this.#total, notes: this.#notes };
  }

  stage(name: string, total?: number): ReturnType<Progress['stage']> {
    this.#stage = name;
    this.#done = 0;
    this.#total = total ?? null;
    this.#say();
    return {
      total: (units) => {
        this.#total = units;
        this.#say();
      },
      advance: (units = 1) => {
        this.#done += units;
        this.#say();
      },
      done: (detail) => this.note(detail === undefined ? `${name}: done` : `${name}: ${detail}`),
    };
  }

  note(text: string): void {
    this.#notes = [...this.#notes, text].slice(-NOTES_MAX);
    this.#say();
  }

  #say(): void {
    if (this.#now() - this.#saidMs < SAID_MS) return;
    this.#saidMs = this.#now();
    this.#save(this.progress);
  }
}
