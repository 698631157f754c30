import type { Effect, RefusalEffect, StateEffect } from '../effect.ts';
import type { JournalEntry } from './journal-record.ts';
import type { Journal } from './memory-journal.ts';
import { refusalReason } from '../refusal.ts';
import type { Refusal } from '../session-result.ts';

/** A journal that also remembers what was refused and what stopped the session, for its result. */
export class RefusalLog implements Journal {
  readonly states: StateEffect[] = [];
  readonly #symbols: readonly string[];
  readonly #journal: Journal;
  readonly #refusals: RefusalEffect[] = [];

  constructor(symbols: readonly string[], journal: Journal) {
    this.#symbols = symbols;
    this.#journal = journal;
  }

  append(effect: Effect): void {
    this.#journal.append(effect);
    if (effect.kind === 'refusal') this.#refusals.push(effect);
    else if (effect.kind === 'state') this.states.push(effect);
  }

  /** What had been recorded before the session was restarted: the journal has it already. */
  remember(entries: Iterable<JournalEntry>): void {
    for (const entry of entries) {
      if (entry.kind === 'refusal') this.#refusals.push(entry);
      else if (entry.kind === 'state') this.states.push(entry);
    }
  }

  hash(): string {
    return this.#journal.hash();
  }

  /** Every refusal in order, in words. */
  refusals(): Refusal[] {
    return this.#refusals.map(({ timeMs, symbol, stage, code, value, limit }) => ({
      timeMs,
      symbol: this.#symbols[symbol]!,
      stage,
      code,
      reason: refusalReason(code, value, limit),
    }));
  }
}
