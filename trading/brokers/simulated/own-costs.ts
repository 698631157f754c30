import { InputError } from '../../../infra/errors.ts';
import { OwnCalls } from '../../../infra/own-files/own-calls.ts';
import type { CompiledOwnFile, OwnParameters, ParameterValue } from '../../../infra/own-files/own-file.ts';

// What a cost model's file may import, as types: `import type { OwnCosts } from 'signalbox'`.

/** An order that takes what there is. Figures of bars are those before the one in which it is filled. */
export interface CostOrder {
  readonly symbol: string;
  readonly units: number;
  /** Close and volume of the bar before; NaN in the first bar. */
  readonly closeBefore: number;
  readonly volumeBefore: number;
  /** Root mean square of the last 20 simple returns before; NaN with fewer than one. */
  readonly volatility: number;
}

/** An execution, at its price. */
export interface CostExecution {
  readonly units: number;
  readonly price: number;
  /** It rested at the venue before. */
  readonly maker: boolean;
  /** No execution of the order came before. */
  readonly first: boolean;
}

/** The default export of a cost model's file: what comes on top of the other costs that an experiment names. */
export interface OwnCosts<
  Parameters extends object = Readonly<Record<string, ParameterValue>>,
> extends OwnParameters<Parameters> {
  /**
   * What the venue charges for an execution, in currency: 0 or more, below 0 for a maker's rebate alone, of no more
   * than its value. Below 0 for who takes is refused as a mistake of sign: `takerBps`, `takerPerShare` are for that.
   */
  charge?(execution: CostExecution, parameters: Parameters): number;
  /** Share of the price that is lost to spread and slippage: 0 or more, such as 0.0002 for 2 basis points. */
  slippage?(order: CostOrder, parameters: Parameters): number;
}

/** A cost model's file in an experiment. */
export interface OwnCostsRule {
  readonly code: CompiledOwnFile;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly charges: boolean;
  readonly slips: boolean;
  /** What it says is multiplied by this; 1 where it is absent. */
  readonly multiple?: number | undefined;
}

/** A user's cost model in one session. Whatever is no cost ends the session: nothing of it is booked. */
export class OwnCostModel {
  readonly charges: boolean;
  readonly slips: boolean;
  readonly #rule: OwnCostsRule;
  readonly #calls: OwnCalls;

  constructor(rule: OwnCostsRule) {
    this.#rule = rule;
    this.charges = rule.charges;
    this.slips = rule.slips;
    this.#calls = new OwnCalls(rule.code);
  }

  charge(execution: CostExecution): number {
    return this.#ask('charge', execution);
  }

  slippage(order: CostOrder): number {
    return this.#ask('slippage', order);
  }

  /** @throws InputError with the place where the file throws or its answer is no cost; SignalboxError without one. */
  #ask(method: 'charge' | 'slippage', given: CostExecution | CostOrder): number {
    const { code, parameters, multiple = 1 } = this.#rule;
    const answer = this.#calls.call(method, given, parameters);
    if ('threw' in answer) throw new InputError(answer.threw, 'Correct the file.');
    const { value } = answer;
    if (typeof value === 'number' && value >= 0 && value < Infinity) return value * multiple;
    const rebate = typeof value === 'number' && value > -Infinity && value < 0;
    if (rebate && 'maker' in given && given.maker) {
      // Dearer trading brings no larger rebate.
      if (!isBeyondValue(value, given)) return value * Math.min(1, multiple);
      throw new InputError(
        `${code.path}: ${method} answered ${value} for ${JSON.stringify(given)}, a rebate of more than its value`,
        'Answer in currency for all units of the execution; a rebate is at most `units` times `price`.',
      );
    }
    throw new InputError(
      `${code.path}: ${method} answered ${String(value)} for ${JSON.stringify(given)}, which is no cost`,
      'Answer 0 or a finite number above it; a charge may be below 0 where `maker` is true.',
    );
  }
}

/** Whether a charge pays more for an execution than it is worth, but for rounding. */
export function isBeyondValue(charge: number, { units, price }: Pick<CostExecution, 'units' | 'price'>): boolean {
  return -charge > units * price * (1 + 1e-9);
}
