import { planRules } from '../../../trading/strategies/planned/planned-rules.ts';
import type { Strategy } from '../../../trading/strategies/strategy.ts';
import { runRuleTrial, tradeRule, type RuleTrial, type TradedRules } from './rule-trial.ts';

/** Values by parameter, as a rule strategy takes them. */
export type RuleParameters = Readonly<Record<string, number | string | boolean>>;

/** Trials to run: plain data, bars over shared memory. */
export interface TrialsJob {
  readonly strategy: string;
  readonly rules: TradedRules;
  readonly parameters: readonly RuleParameters[];
  /** `trade` runs the sessions alone; `measure` the figures and records of trials as well, which take longer. */
  readonly work: 'trade' | 'measure';
  /** Shared: [first trial nobody has taken, 1 once the work is given up]. */
  readonly control: Int32Array;
}

/** A session without its marks. */
export interface TradedOnly {
  readonly trades: number;
  readonly finalEquity: number;
  readonly journalHash: string;
}

/** What came of the trial at a position of `parameters`: a `RuleTrial` or `TradedOnly`, by the job's work. */
export interface TrialMessage<Outcome = RuleTrial | TradedOnly> {
  readonly trial: number;
  readonly outcome: Outcome;
}

/** Takes trials until none are left. What a trial shows does not depend on who takes it. */
export default function runTrialsOnThread(data: unknown, post: (message: TrialMessage) => void): void {
  const { strategy, rules, parameters, work, control } = data as TrialsJob;
  const make = planRules(strategy, rules.bars);
  const run = work === 'trade' ? tradeOnly : runRuleTrial;
  for (let trial = Atomics.add(control, 0, 1); trial < parameters.length; trial = Atomics.add(control, 0, 1)) {
    if (Atomics.load(control, 1) === 1) return;
    post({ trial, outcome: run(rules, make(parameters[trial]!)) });
  }
}

function tradeOnly(rules: TradedRules, strategy: Strategy): TradedOnly {
  const { ledger, equity, initialCapital, journalHash } = tradeRule(rules, strategy);
  return { trades: ledger.length, finalEquity: equity.at(-1) ?? initialCapital, journalHash };
}
