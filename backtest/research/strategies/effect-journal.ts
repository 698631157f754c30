import type { Effect } from '../../../trading/effect.ts';
import { MemoryJournal, type Journal } from '../../../trading/journal/memory-journal.ts';

/** A journal that keeps every effect as it is, beside the hash that a session asks for. */
export class EffectJournal implements Journal {
  readonly effects: Effect[] = [];
  readonly #hashed: MemoryJournal;

  constructor(symbols: readonly string[]) {
    this.#hashed = new MemoryJournal(symbols, { keep: false });
  }

  append(effect: Effect): void {
    this.effects.push(effect);
    this.#hashed.append(effect);
  }

  hash(): string {
    return this.#hashed.hash();
  }
}
