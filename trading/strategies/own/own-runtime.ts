import { InputError } from '../../../infra/errors.ts';
import { messageOf } from '../../../infra/own-files/evaluate-own-file.ts';
import type { ParameterValue } from '../../../infra/own-files/own-file.ts';
import { OutsideViewError, type BarView } from '../../bar-view.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import type { RefusedOrder } from '../../orders/approved-order.ts';
import type { OrderAction } from '../../orders/order-request.ts';
import {
  HOLD,
  type HeardFill,
  type OrderBook,
  type Signal,
  type StrategySession,
  type SymbolStrategy,
} from '../strategy.ts';
import type { Json } from '../memory.ts';
import { ordersOf } from './own-orders.ts';
import { symbolsTogether } from '../together.ts';
import { faultSignal, signalOf } from './own-answer.ts';
import { placeIn, type OwnCode } from './own-code.ts';
import type { OwnSymbolStrategy, OwnTogetherStrategy } from './own-strategy.ts';

type Parameters = Readonly<Record<string, ParameterValue>>;

/** Mistakes of one kind at one place. */
interface Told {
  count: number;
  readonly firstMs: number;
  readonly words: string;
}

const TOLD_MAX = 20;

/** Characters of JSON that a file may remember: it is stored with the session every few hundred bars. */
const MEMORY_MAX = 16_000_000;

/**
 * A user's strategy in one session: every answer becomes a signal, and every mistake one that is refused. It is plain
 * code in this thread; `own-thread.ts` keeps it away from whoever waits for it.
 */
export class OwnSession implements StrategySession {
  readonly symbols: readonly SymbolStrategy[];
  readonly #code: OwnCode;
  readonly #told = new Map<string, Told>();
  readonly #views: readonly BarView[];
  readonly #made: readonly (OwnSymbolStrategy | OwnTogetherStrategy)[];

  /** @throws InputError with the place where making the strategy throws. */
  constructor(code: OwnCode, parameters: Parameters, views: readonly BarView[]) {
    this.#code = code;
    this.#views = views;
    const strategy = code.evaluate();
    const names = views.map(({ symbol }) => symbol);
    const { createTogether } = strategy;
    if (createTogether !== undefined) {
      const made = this.#make(() => strategy.createTogether!({ ...parameters }, names));
      this.#made = [made];
      const asked = symbolsTogether(views, () => this.#decideTogether(made, views));
      this.symbols = asked.map(({ decide }, at) => ({ decide, onFill: this.#hearing(made, names[at]!) }));
      return;
    }
    const all = names.map((symbol) => this.#make(() => strategy.create!({ ...parameters }, symbol)));
    this.#made = all;
    this.symbols = all.map((made, at) => ({
      decide: (view) => (made.decide === undefined ? HOLD : this.#decide(made, view)),
      ...(typeof made.orders === 'function' ? { orders: (view, book) => this.#orders(made, view, book) } : {}),
      onFill: this.#hearing(made, names[at]!),
    }));
  }

  /** Mistakes with their words and places, each kind once. */
  notes(): readonly string[] {
    return [...this.#told.values()].map(
      ({ count, firstMs, words }) =>
        `${words}: at ${count} ${count === 1 ? 'bar' : 'bars'}, first at ${new Date(firstMs).toISOString()}`,
    );
  }

  /** What the file's strategies remember, and its mistakes; null where one of them cannot tell. */
  save(): Json | null {
    if (!this.#made.every(({ save, restore }) => typeof save === 'function' && typeof restore === 'function'))
      return null;
    try {
      const made = this.#remembered();
      const { length } = JSON.stringify(made);
      if (length <= MEMORY_MAX) return toPlain({ made, told: [...this.#told] }) as Json;
      throw new RangeError(`it is ${length} characters of JSON, ${MEMORY_MAX} are allowed`);
    } catch (error) {
      const words = `${placeIn(this.#code, error)}: what is remembered cannot be saved: ${messageOf(error)}`;
      this.#tell(words, words, newestMs(this.#views));
      return null;
    }
  }

  #remembered(): Plain[] {
    return this.#made.map((made) => toPlain(made.save!()));
  }

  /** @throws TypeError where the file does not take up what it saved, so that it saves the same again. */
  restore(state: Json): void {
    const { made: plain, told } = fromPlain(state) as { readonly made: Plain[]; readonly told: [string, Told][] };
    const made = plain.map(fromPlain);
    for (const [kind, one] of told) this.#told.set(kind, one);
    this.#made.forEach((one, at) => {
      try {
        one.restore!(made[at]);
      } catch (error) {
        throw new TypeError(`${placeIn(this.#code, error)}: ${messageOf(error)}`, { cause: error });
      }
    });
    if (JSON.stringify(this.#remembered()) === JSON.stringify(plain)) return;
    throw new TypeError(`${this.#code.path}: restore takes up something else than save gave`);
  }

  #make<Made extends object>(make: () => Made): Made {
    let made: unknown;
    try {
      made = make();
    } catch (error) {
      throw new InputError(`${placeIn(this.#code, error)}: ${messageOf(error)}`, 'Correct the file.', error);
    }
    const { decide, orders } = (made ?? {}) as { decide?: unknown; orders?: unknown };
    const whole = [decide, orders].every((one) => one === undefined || typeof one === 'function');
    if (whole && (decide !== undefined || orders !== undefined)) return made as Made;
    throw new InputError(`${this.#code.path}: what is created has no decide and no orders`, 'Correct the file.');
  }

  #decide(made: OwnSymbolStrategy, view: BarView): Signal {
    let answer: unknown;
    try {
      answer = made.decide!(view);
      return this.#noted(signalOf(answer, view.symbol, this.#code.name), view.closeTimeMs(), answer);
    } catch (error) {
      return this.#threw(error, view.closeTimeMs());
    }
  }

  #orders(made: OwnSymbolStrategy, view: BarView, book: OrderBook): readonly OrderAction[] | RefusedOrder {
    try {
      const answer: unknown = made.orders!(view, book);
      const orders = ordersOf(answer);
      if ('kind' in orders) this.#noted(faultSignal(orders.code), view.closeTimeMs(), answer);
      return orders;
    } catch (error) {
      return this.#threw(error, view.closeTimeMs()).fault!;
    }
  }

  #decideTogether(made: OwnTogetherStrategy, views: readonly BarView[]): readonly Signal[] {
    const timeMs = newestMs(views);
    let answers: Record<string, unknown>;
    try {
      answers = made.decide(views) as Record<string, unknown>;
      if (typeof answers !== 'object' || answers === null || 'then' in answers) {
        const fault = this.#noted(faultSignal('strategy-answer'), timeMs, answers);
        return views.map(() => fault);
      }
      const names = views.map(({ symbol }) => symbol);
      const strange = Object.keys(answers).find((symbol) => !names.includes(symbol));
      if (strange !== undefined) {
        const fault = this.#noted(faultSignal('strategy-symbol'), timeMs, strange);
        return views.map(() => fault);
      }
      return names.map((symbol) => {
        if (!Object.hasOwn(answers, symbol) || answers[symbol] === undefined) return HOLD;
        return this.#noted(signalOf(answers[symbol], symbol, this.#code.name), timeMs, answers[symbol]);
      });
    } catch (error) {
      const fault = this.#threw(error, timeMs);
      return views.map(() => fault);
    }
  }

  #hearing(made: OwnSymbolStrategy | OwnTogetherStrategy, symbol: string): ((fill: HeardFill) => void) | undefined {
    if (typeof made.onFill !== 'function') return undefined;
    return ({ timeMs, quantity, price, fee, final }) => {
      try {
        made.onFill!({ symbol, timeMs, quantity, price, fee, final });
      } catch (error) {
        this.#threw(error, timeMs);
      }
    };
  }

  #noted(signal: Signal, timeMs: number, answer: unknown): Signal {
    if (signal.fault === undefined) return signal;
    const shown = typeof answer === 'object' ? shownObject(answer) : String(answer);
    this.#tell(signal.fault.code, `${this.#code.path}: answered ${shown.slice(0, 100)}`, timeMs);
    return signal;
  }

  #threw(error: unknown, timeMs: number): Signal {
    const place = this.#code.placeOf(error);
    const words = `${placeIn(this.#code, error)}: ${messageOf(error)}`;
    const outside = error instanceof OutsideViewError;
    // The numbers in the words of a view change from bar to bar.
    this.#tell(outside ? `outside ${place?.line}` : words, words, timeMs);
    if (outside) return faultSignal('strategy-outside', error.barsAgo, error.length);
    return faultSignal('strategy-threw', place?.line ?? 0, place?.column ?? 0);
  }

  #tell(kind: string, words: string, firstMs: number): void {
    const told = this.#told.get(kind);
    if (told !== undefined) told.count += 1;
    else if (this.#told.size < TOLD_MAX) this.#told.set(kind, { count: 1, firstMs, words });
  }
}

/** Close of the newest bar of all. */
function newestMs(views: readonly BarView[]): number {
  return views.reduce((last, view) => (view.length === 0 ? last : Math.max(last, view.closeTimeMs())), 0);
}

function shownObject(answer: unknown): string {
  const numbers = Object.entries((answer ?? {}) as object).map(([key, value]) => `${key}: ${String(value)}`);
  return answer === null ? 'null' : `{ ${numbers.slice(0, 5).join(', ')} }`;
}
