import { OwnCalls, type OwnAnswer } from '../../infra/own-files/own-calls.ts';
import { SilentCodeError } from '../../infra/own-files/silent-code-error.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import { SIZER, type Silence } from '../strategies/own/silence.ts';
import type { CompiledOwnFile, OwnParameters, ParameterValue } from '../../infra/own-files/own-file.ts';

// What a sizer's file may import, as types: `import type { OwnSizer } from 'signalbox'`.

/** A decision to be sized. */
export interface SizedDecision {
  readonly symbol: string;
  /** 1 for a long position, -1 for a short one. */
  readonly side: 1 | -1;
  /** 0 to 1. */
  readonly confidence: number;
  readonly equity: number;
  /** Price of the decision. */
  readonly price: number;
  /** Root mean square of the last 20 simple returns, of a bar; null with fewer bars. */
  readonly volatility: number | null;
  /** That of a year. */
  readonly yearlyVolatility: number | null;
  /** Symbols in the universe. */
  readonly symbols: number;
  readonly timeMs: number;
}

/** How large the position should be: units, or a share of the equity. 0 is none. */
export type SizeAnswer = { readonly units: number } | { readonly fraction: number };

/** The default export of a sizer's file. Limits have the last word on what it asks for. */
export interface OwnSizer<
  Parameters extends object = Readonly<Record<string, ParameterValue>>,
> extends OwnParameters<Parameters> {
  size(decision: SizedDecision, parameters: Parameters): SizeAnswer;
}

/** A sizer's file in an experiment. */
export interface OwnSizerRule {
  readonly kind: 'file';
  readonly code: CompiledOwnFile;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

const TOLD_MAX = 20;

/** A user's sizer in one session: an answer that is no size is NaN, which risk refuses; notes say what it was. */
export class OwnSize {
  readonly #rule: OwnSizerRule;
  readonly #calls: OwnCalls;
  readonly #told = new Map<string, { count: number; firstMs: number }>();
  /** Sizes that it was asked for. */
  #asked = 0;
  #silence: Silence | null = null;
  /** On record of before a restart. */
  #expected: Silence | null = null;
  /** Why no size comes any more. */
  failure: SilentCodeError | null = null;

  constructor(rule: OwnSizerRule) {
    this.#rule = rule;
    this.#calls = new OwnCalls(rule.code);
  }

  /** Units wanted, 0 or more; NaN from the first answer on that did not come in time. */
  units(decision: SizedDecision): number {
    if (this.#silence !== null) return NaN;
    this.#asked += 1;
    if (this.#expected?.asked === this.#asked) return this.#fallSilent(this.#expected, decision);
    const answer = this.#answer(decision);
    if (answer instanceof SilentCodeError) {
      const { waitedMs } = answer;
      return this.#fallSilent({ by: SIZER, asked: this.#asked, waitedMs }, decision, answer);
    }
    if ('threw' in answer) return this.#refused(answer.threw, decision);
    const { units, fraction } = (answer.value ?? {}) as { units?: unknown; fraction?: unknown };
    const size = units === undefined ? fraction : fraction === undefined ? units : NaN;
    if (typeof size === 'number' && size >= 0 && size < Infinity) {
      return units === undefined ? Math.max(0, (size * decision.equity) / decision.price) : size;
    }
    const shown = JSON.stringify(answer.value, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    return this.#refused(`${this.#rule.code.path}: size answered ${String(shown).slice(0, 100)}`, decision);
  }

  /** Refuses what would open, once it does not answer any more. */
  silent(): RefusedOrder | null {
    return this.#silence === null ? null : refused('sizer-silent', this.#silence.waitedMs, this.#silence.asked);
  }

  expect(known: readonly Silence[]): void {
    this.#expected = known.find(({ by }) => by === SIZER) ?? null;
  }

  #answer(decision: SizedDecision): OwnAnswer | SilentCodeError {
    try {
      return this.#calls.call('size', decision, this.#rule.parameters);
    } catch (error) {
      if (error instanceof SilentCodeError) return error;
      throw error;
    }
  }

  #fallSilent(silence: Silence, decision: SizedDecision, error?: SilentCodeError): number {
    this.#silence = silence;
    this.failure = error ?? this.#calls.silence('size', silence.waitedMs);
    return this.#refused(this.failure.message, decision);
  }

  /** Mistakes with their words and places, each kind once. */
  notes(): readonly string[] {
    return [...this.#told].map(
      ([words, { count, firstMs }]) =>
        `${words}: ${count} ${count === 1 ? 'size was' : 'sizes were'} refused, first at ${new Date(firstMs).toISOString()}`,
    );
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { told: [...this.#told], asked: this.#asked, silence: this.#silence };
  }

  /** Takes up what one of the same rule has saved. */
  restore({ told, asked, silence }: ReturnType<OwnSize['save']>): void {
    for (const [words, one] of told) this.#told.set(words, { ...one });
    this.#asked = asked;
    this.#silence = silence;
    if (silence !== null) this.failure = this.#calls.silence('size', silence.waitedMs);
  }

  #refused(words: string, { timeMs }: SizedDecision): number {
    const told = this.#told.get(words);
    if (told !== undefined) told.count += 1;
    else if (this.#told.size < TOLD_MAX) this.#told.set(words, { count: 1, firstMs: timeMs });
    return NaN;
  }
}
