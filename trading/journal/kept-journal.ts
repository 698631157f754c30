import type { Effect } from '../effect.ts';
import { MemoryJournal } from './memory-journal.ts';
import type { DurableJournal } from './postgres-journal.ts';

/** The journal of a session that leaves nothing in a database: its effects are kept as they came. */
export class KeptJournal implements DurableJournal {
  readonly stored = 0;
  readonly effects: Effect[] = [];
  readonly #memory: MemoryJournal;

  constructor(symbols: readonly string[]) {
    this.#memory = new MemoryJournal(symbols, { keep: false });
  }

  get appended(): number {
    return this.#memory.count;
  }

  append(effect: Effect): void {
    this.#memory.append(effect);
    this.effects.push(effect);
  }

  hash(): string {
    return this.#memory.hash();
  }

  async commit(): Promise<void> {}
}
