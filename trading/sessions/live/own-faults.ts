import type { OwnCode } from '../../engine/emergency/own-code.ts';
import type { PaperSessionOptions } from './paper-session-options.ts';

/** Code of a user's that does not answer any more, in a session that is driven bar by bar. */
export class OwnFaults {
  readonly #own: OwnCode;
  readonly #options: Pick<PaperSessionOptions, 'journal' | 'note'>;
  /** What was said of them. */
  readonly #said = new Set<string>();

  constructor(own: OwnCode, options: Pick<PaperSessionOptions, 'journal' | 'note'>) {
    this.#own = own;
    this.#options = options;
    own.expect(options.journal.silences);
  }

  /** One that has not been heard of yet; null for none. */
  get fresh(): Error | null {
    const failure = this.#own.failure();
    return failure === null || this.#said.has(failure.message) ? null : failure;
  }

  /**
   * A live session goes on without that part: what is held is protected, and operators are heard. One in which nothing
   * is at stake ends with it: history, and a replay that does not repeat its record.
   * @throws the failure where the session ends
   */
  hear(failure: Error, isLive: boolean): void {
    const { journal, note } = this.#options;
    if (!isLive && journal.silences.length === 0) throw failure;
    this.#said.add(failure.message);
    note?.(`${failure.message} The session goes on without it: exits and stops stay, nothing opens by it.`);
  }
}
