/** How one part of a process is. */
interface PartState {
  readonly ok: boolean;
  /** In words, for people. */
  readonly detail: string;
}

/** What is asked of a process: whether it has begun, whether it does its work, whether it is to be started again. */
export const HEALTH_QUESTIONS = ['live', 'ready', 'startup'] as const;
export type HealthQuestion = (typeof HEALTH_QUESTIONS)[number];

/** An answer, and the parts that led to it. */
export interface HealthAnswer {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, PartState>>;
}

/** A health as it is told to probes and people, by whichever process. */
export interface HealthDocument {
  readonly status: 'ok' | 'failing';
  readonly parts: HealthAnswer['parts'];
}

/** An answer as it is told. */
export function healthDocument({ ok, parts }: HealthAnswer): HealthDocument {
  return { status: ok ? 'ok' : 'failing', parts };
}

type Look = () => PartState | Promise<PartState>;

/** A part that says nothing for as long is taken as not well, in ms. */
const ANSWER_MS_MAX = 2_000;

/**
 * The health of a process by its parts. `live` rests on nothing but that it answers: a database or venue that is away
 * is no reason to kill a session that goes on without it. `startup` is that it has begun, with what it needs to begin;
 * `ready` asks every other part.
 */
export class HealthParts {
  readonly #parts = { ready: new Map<string, Look>(), startup: new Map<string, Look>() };
  #begun = false;

  /** Adds a part that `question` asks for; one of the same name takes its place. */
  add(name: string, look: Look, question: 'ready' | 'startup' = 'ready'): void {
    this.#parts[question].set(name, look);
  }

  /** The process has begun with its work. */
  begin(): void {
    this.#begun = true;
  }

  async answer(question: HealthQuestion): Promise<HealthAnswer> {
    if (question === 'live') return { ok: true, parts: {} };
    const begun = { ok: this.#begun, detail: this.#begun ? 'it has begun' : 'it prepares' };
    const looks = [...this.#parts[question]].map(async ([name, look]) => [name, await bounded(look)] as const);
    const parts = { startup: begun, ...Object.fromEntries(await Promise.all(looks)) };
    return { ok: Object.values(parts).every(({ ok }) => ok), parts };
  }
}

async function bounded(look: Look): Promise<PartState> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PartState>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${ANSWER_MS_MAX} ms` }), ANSWER_MS_MAX);
  });
  try {
    return await Promise.race([Promise.resolve().then(look), late]);
  } catch (error) {
    return { ok: false, detail: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
