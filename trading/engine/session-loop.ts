import type { Broker, Report } from '../brokers/broker.ts';
import type { Command, CorporateActionEvent, Effect, Instruction } from '../effect.ts';
import type { Engine } from './engine.ts';
import type { MarketStep } from '../market.ts';
import type { Journal } from '../journal/memory-journal.ts';

/** The broker has something to do about it. */
function instructs(effect: Effect): effect is Instruction {
  return effect.kind === 'order' || effect.kind === 'cancel' || effect.kind === 'amend';
}

const NOTHING_TO_DO: readonly Instruction[] = Object.freeze([]);

/**
 * The step that backtest, paper and live share: the broker sees the market, the engine handles its reports and then the
 * event, and every effect is appended to the journal before it is returned to be acted on. Drivers differ only in where
 * events come from and whether they wait for the journal's commit before they act.
 */
export class SessionLoop {
  readonly #engine: Engine;
  readonly #broker: Pick<Broker, 'onMarket' | 'onAction' | 'settle'>;
  readonly #journal: Pick<Journal, 'append'>;
  /** A field: the loop passes here at every bar. */
  readonly #nothing = NOTHING_TO_DO;
  /** What reports led to and nobody has been told yet. */
  #caused: readonly Instruction[] = NOTHING_TO_DO;

  constructor(parts: {
    engine: Engine;
    broker: Pick<Broker, 'onMarket' | 'onAction' | 'settle'>;
    journal: Pick<Journal, 'append'>;
  }) {
    this.#engine = parts.engine;
    this.#broker = parts.broker;
    this.#journal = parts.journal;
  }

  /**
   * A broker's report, booked and recorded. Bound, so that it can be handed to brokers. What it leads to is kept until
   * somebody asks, because brokers report while they are being told.
   */
  readonly report: Report = (event) => {
    const effects = this.#engine.handle(event);
    for (let at = 0; at < effects.length; at++) {
      const effect = effects[at]!;
      this.#journal.append(effect);
      if (instructs(effect)) this.#caused = [...this.#caused, effect];
    }
  };

  /** What reports have led to since it was last asked for. Bound: a simulated venue asks inside a bar. */
  readonly caused = (): readonly Instruction[] => {
    const caused = this.#caused;
    if (caused.length > 0) this.#caused = this.#nothing;
    return caused;
  };

  /** The market moved. What the broker's reports led to comes before what the engine decides. */
  onMarket(step: MarketStep): readonly Instruction[] {
    this.#broker.onMarket(step, this.report, this.caused);
    // An open tells the broker alone: the engine decides at closes.
    if (step.kind === 'open') return this.caused();
    const effects = this.#engine.onClose(step);
    if (effects.length === 0) return this.caused();
    const decided = this.#record(effects);
    return this.#caused.length === 0 ? decided : [...this.caused(), ...decided];
  }

  /** What was decided at `step` is at the broker: what it fills at that close is booked, and the close marked again. */
  settle(step: MarketStep): readonly Instruction[] {
    if (this.#broker.settle?.(step, this.report) !== true) return this.#nothing;
    this.#engine.portfolio.remark(step);
    return this.caused();
  }

  /** A split or dividend comes into effect, before the market moves on its ex-date. */
  onAction(event: CorporateActionEvent): void {
    this.#record(this.#engine.handle(event));
    this.#broker.onAction?.(event, this.report);
  }

  onCommand(command: Command): readonly Instruction[] {
    return this.#record(this.#engine.handle(command));
  }

  #record(effects: readonly Effect[]): readonly Instruction[] {
    let instructions: Instruction[] | null = null;
    for (let at = 0; at < effects.length; at++) {
      const effect = effects[at]!;
      this.#journal.append(effect);
      if (!instructs(effect)) continue;
      if (instructions === null) instructions = [effect];
      else instructions.push(effect);
    }
    return instructions ?? this.#nothing;
  }
}
