import type { Broker, Report } from '../brokers/broker.ts';
import type { AskedEvent, Command, LimitsChange, CorporateActionEvent, Effect, Instruction } from '../effect.ts';
import type { Engine } from './engine.ts';
import type { MarketStep } from '../market.ts';
import type { Journal } from '../journal/memory-journal.ts';

/** The broker has something to do about it. */
function instructs(effect: Effect): effect is Instruction {
  return effect.kind === 'order' || effect.kind === 'cancel' || effect.kind === 'amend';
}

const NOTHING_TO_DO: readonly Instruction[] = Object.freeze([]);

/** What the loop asks of an engine. */
type LoopedEngine = Pick<Engine, 'tell' | 'handle' | 'onClose' | 'portfolio'>;

/**
 * The step that backtest, paper and live share: the broker sees the market, the engine handles its reports and then the
 * event, and every effect is appended to the journal as it comes about, before it is returned to be acted on. Drivers
 * differ only in where events come from and whether they wait for the journal's commit before they act.
 */
export class SessionLoop {
  readonly #engine: LoopedEngine;
  readonly #broker: Pick<Broker, 'onMarket' | 'onAction' | 'settle'>;
  readonly #journal: Pick<Journal, 'append'>;
  /** A field: the loop passes here at every bar. */
  readonly #nothing = NOTHING_TO_DO;
  /** What the broker is to do and has not been told yet; null for nothing. */
  #due: Instruction[] | null = null;
  /** Effects of what was asked for; null while nothing is. */
  #heard: Effect[] | null = null;

  constructor(parts: {
    engine: LoopedEngine;
    broker: Pick<Broker, 'onMarket' | 'onAction' | 'settle'>;
    journal: Pick<Journal, 'append'>;
  }) {
    this.#engine = parts.engine;
    this.#broker = parts.broker;
    this.#journal = parts.journal;
    // Lists of effects in between were 120 of the 850 bytes that an order allocated.
    parts.engine.tell((effect) => this.#record(effect));
  }

  /**
   * A broker's report, booked and recorded. Bound, so that it can be handed to brokers. What it leads to is kept until
   * somebody asks, because brokers report while they are being told.
   */
  readonly report: Report = (event) => void this.#engine.handle(event);

  /** What the broker is to do since it was last asked for. Bound: a simulated venue asks inside a bar. */
  readonly caused = (): readonly Instruction[] => {
    const due = this.#due;
    if (due === null) return this.#nothing;
    this.#due = null;
    return due;
  };

  /** The market moved. What the broker's reports led to comes before what the engine decides. */
  onMarket(step: MarketStep): readonly Instruction[] {
    this.#broker.onMarket(step, this.report, this.caused);
    // An open tells the broker alone: the engine decides at closes.
    if (step.kind === 'close') this.#engine.onClose(step);
    return this.caused();
  }

  /** What was decided at `step` is at the broker: what it fills at that close is booked, and the close marked again. */
  settle(step: MarketStep): readonly Instruction[] {
    if (this.#broker.settle?.(step, this.report) !== true) return this.#nothing;
    this.#engine.portfolio.remark(step);
    return this.caused();
  }

  /** A split or dividend comes into effect, before the market moves on its ex-date. */
  onAction(event: CorporateActionEvent): void {
    this.#engine.handle(event);
    this.#broker.onAction?.(event, this.report);
  }

  /** Somebody asks for an order: what the broker is to do, and all that it led to. */
  onAsked(event: AskedEvent): { readonly instructions: readonly Instruction[]; readonly effects: readonly Effect[] } {
    const effects: Effect[] = [];
    this.#heard = effects;
    this.#engine.handle(event);
    this.#heard = null;
    return { instructions: this.caused(), effects };
  }

  onCommand(command: Command | LimitsChange): readonly Instruction[] {
    this.#engine.handle(command);
    return this.caused();
  }

  #record(effect: Effect): void {
    this.#journal.append(effect);
    this.#heard?.push(effect);
    if (!instructs(effect)) return;
    if (this.#due === null) this.#due = [effect];
    else this.#due.push(effect);
  }
}
