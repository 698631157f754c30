import type { Effect, RefusalEffect, StateEffect } from '../effect.ts';
import type { Journal } from './memory-journal.ts';
import { REFUSAL_CODES, REFUSAL_STAGES, refusalReason } from '../refusal.ts';
import { byCount } from '../refusal-groups.ts';
import type { Refusal, RefusalGroup } from '../session-result.ts';

const FIRST_CAPACITY = 64;

/** Refusals of one code, and the place of the latest of them. */
interface Counted {
  count: number;
  latest: number;
}

/**
 * A journal that also remembers what was refused and what stopped the session, for its result. In columns: a panel of
 * 800 symbols has a million refusals in ten years, and objects of them took as much memory as its bars.
 */
export class RefusalLog implements Journal {
  readonly states: StateEffect[] = [];
  readonly #symbols: readonly string[];
  readonly #journal: Journal;
  readonly #counted = new Map<string, Counted>();
  #count = 0;
  #timeMs = new Float64Array(FIRST_CAPACITY);
  #value = new Float64Array(FIRST_CAPACITY);
  #limit = new Float64Array(FIRST_CAPACITY);
  #symbol = new Int32Array(FIRST_CAPACITY);
  /** Places in the lists of stages and codes. */
  #stage = new Int32Array(FIRST_CAPACITY);
  #code = new Int32Array(FIRST_CAPACITY);

  constructor(symbols: readonly string[], journal: Journal) {
    this.#symbols = symbols;
    this.#journal = journal;
  }

  append(effect: Effect): void {
    this.#journal.append(effect);
    if (effect.kind === 'refusal') this.#note(effect);
    else if (effect.kind === 'state') this.states.push(effect);
  }

  hash(): string {
    return this.#journal.hash();
  }

  /** Every refusal in order, in words. Made anew each time. */
  refusals(): Refusal[] {
    return Array.from({ length: this.#count }, (_, at) => this.#refusal(at));
  }

  /** Refusals by code, most frequent first. */
  groups(): RefusalGroup[] {
    const groups = [...this.#counted].map(([code, { count, latest }]) => {
      const refusal = this.#refusal(latest);
      return { code, stage: refusal.stage, count, latest: refusal };
    });
    return groups.sort(byCount);
  }

  #note({ timeMs, symbol, stage, code, value, limit }: RefusalEffect): void {
    const at = this.#count++;
    if (at === this.#timeMs.length) this.#grow();
    this.#timeMs[at] = timeMs;
    this.#symbol[at] = symbol;
    this.#stage[at] = REFUSAL_STAGES.indexOf(stage);
    this.#code[at] = REFUSAL_CODES.indexOf(code);
    this.#value[at] = value;
    this.#limit[at] = limit;
    const known = this.#counted.get(code);
    if (known === undefined) this.#counted.set(code, { count: 1, latest: at });
    else {
      known.count++;
      known.latest = at;
    }
  }

  #refusal(at: number): Refusal {
    const code = REFUSAL_CODES[this.#code[at]!]!;
    return {
      timeMs: this.#timeMs[at]!,
      symbol: this.#symbols[this.#symbol[at]!]!,
      stage: REFUSAL_STAGES[this.#stage[at]!]!,
      code,
      reason: refusalReason(code, this.#value[at]!, this.#limit[at]!),
    };
  }

  #grow(): void {
    this.#timeMs = grown(this.#timeMs, new Float64Array(2 * this.#count));
    this.#value = grown(this.#value, new Float64Array(2 * this.#count));
    this.#limit = grown(this.#limit, new Float64Array(2 * this.#count));
    this.#symbol = grown(this.#symbol, new Int32Array(2 * this.#count));
    this.#stage = grown(this.#stage, new Int32Array(2 * this.#count));
    this.#code = grown(this.#code, new Int32Array(2 * this.#count));
  }
}

function grown<Column extends Float64Array | Int32Array>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}
