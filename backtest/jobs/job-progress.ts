import type { Progress } from '../../infra/terminal/progress.ts';

/** A stage of a job: units done of so many, where that is known, and what came of it once it has ended. */
interface ToldStage {
  readonly name: string;
  readonly done: number;
  readonly total: number | null;
  readonly ended: boolean;
  readonly detail: string | null;
}

/** How far a job is, as it is kept beside it. */
export interface ToldProgress {
  readonly stages: readonly ToldStage[];
  /** The last line that belongs to no stage. */
  readonly note: string | null;
}

type OpenStage = { -readonly [Key in keyof ToldStage]: ToldStage[Key] };

/** The newest that are kept: a job has a dozen. */
const STAGES_MAX = 40;
const TEXT_MAX = 300;

/** Progress that is looked at from elsewhere, instead of being written as it comes. */
export class JobProgress implements Progress {
  #stages: OpenStage[] = [];
  #note: string | null = null;

  stage(name: string, total?: number): ReturnType<Progress['stage']> {
    const stage: OpenStage = { name: clipped(name), done: 0, total: total ?? null, ended: false, detail: null };
    this.#stages = [...this.#stages, stage].slice(-STAGES_MAX);
    return {
      total: (units) => void (stage.total = units),
      advance: (units = 1) => void (stage.done += units),
      done: (detail) => {
        stage.ended = true;
        stage.detail = detail === undefined ? null : clipped(detail);
      },
    };
  }

  note(text: string): void {
    this.#note = clipped(text);
  }

  /** How far it is now. */
  told(): ToldProgress {
    return { stages: this.#stages.map((stage) => ({ ...stage })), note: this.#note };
  }
}

const clipped = (text: string): string => (text.length <= TEXT_MAX ? text : `${text.slice(0, TEXT_MAX - 1)}…`);
