import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Identity } from '../../infra/auth/identity.ts';
import type { Clock } from '../../infra/clock.ts';

const gzipped = promisify(gzip);

/** Longer answers are made anew for everyone: what is kept is bounded. */
const TEXT_MAX = 1_048_576;
const ANSWERS_MAX = 64;

/** The text of an answer with what a sender needs of it, each made once. */
export class AnswerText {
  readonly text: string;
  #tag: string | null = null;
  #packed: Promise<Buffer> | null = null;
  #packedNow: Buffer | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get tag(): string {
    return (this.#tag ??= `"${createHash('sha1').update(this.text).digest('base64url')}"`);
  }

  get packed(): Promise<Buffer> {
    return (this.#packed ??= gzipped(this.text).then((packed) => (this.#packedNow = packed)));
  }

  /** Packed, where it was asked for so before; null otherwise. */
  get packedNow(): Buffer | null {
    return this.#packedNow;
  }
}

interface Kept<T> {
  answer: Promise<T>;
  /** Once it is there. */
  value: T | null;
  untilMs: number;
  readonly keptMs: number;
  readonly make: () => Promise<T>;
  isMadeAgain: boolean;
}

/**
 * Answers that are good for a moment: whoever asks the same meanwhile is given the same, and those who ask while it is
 * made wait for the one that is. What is still asked for in the second half of its moment is made again beside that, so
 * that nobody waits for what many ask for. What fails is not kept.
 */
export class KeptAnswers<T extends { readonly body: AnswerText }> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was answered to `key`, where that is there and still good; nothing is waited for. */
  now(key: string): T | null {
    return this.#good(key)?.value ?? null;
  }

  /** What `make` has answered to `key` within `keptMs`, or answers now. */
  of(key: string, keptMs: number, make: () => Promise<T>): Promise<T> {
    const known = this.#good(key);
    if (known !== null) return known.answer;
    this.#kept.delete(key);
    if (this.#kept.size >= ANSWERS_MAX) this.#kept.delete(this.#kept.keys().next().value!);
    const answer = make();
    const kept: Kept<T> = { answer, value: null, untilMs: Infinity, keptMs, make, isMadeAgain: false };
    this.#kept.set(key, kept);
    void answer.then(
      (value) => this.#keep(kept, answer, value),
      () => (kept.untilMs = -Infinity),
    );
    return answer;
  }

  #good(key: string): Kept<T> | null {
    const known = this.#kept.get(key);
    const nowMs = this.#clock();
    if (known === undefined || nowMs >= known.untilMs) return null;
    if (known.untilMs - nowMs <= known.keptMs / 2 && !known.isMadeAgain) this.#makeAgain(known);
    return known;
  }

  #makeAgain(known: Kept<T>): void {
    known.isMadeAgain = true;
    const answer = known.make();
    // One that fails is made once more by whoever asks when the last is not good any longer.
    answer.then(
      (value) => this.#keep(known, answer, value),
      () => undefined,
    );
  }

  #keep(kept: Kept<T>, answer: Promise<T>, value: T): void {
    kept.answer = answer;
    kept.value = value;
    kept.untilMs = value.body.text.length > TEXT_MAX ? -Infinity : this.#clock() + kept.keptMs;
    kept.isMadeAgain = false;
  }
}

/** What `identity` shares with others: those who see the same sessions are answered the same. */
export function sharedWith({ sessions }: Identity): string {
  return sessions === null ? '' : JSON.stringify(sessions);
}
