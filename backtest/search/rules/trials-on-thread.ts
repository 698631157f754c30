import { runHistoricalSession, type HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { runTrial, type RuleParameters, type RuleTrial } from './rule-trial.ts';
import { calendarOf, planTrials, type Searched } from './searched.ts';

/** Trials to run: plain data, bars over shared memory. */
export interface TrialsJob {
  readonly searched: Searched;
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
  const { searched, parameters, work, control } = data as TrialsJob;
  const planOf = planTrials(searched);
  const calendar = calendarOf(searched);
  for (let trial = Atomics.add(control, 0, 1); trial < parameters.length; trial = Atomics.add(control, 0, 1)) {
    if (Atomics.load(control, 1) === 1) return;
    const plan = planOf(parameters[trial]!);
    post({ trial, outcome: work === 'trade' ? tradeOnly(plan) : runTrial(plan, calendar) });
  }
}

function tradeOnly(plan: HistoricalSessionOptions): TradedOnly {
  const { ledger, equity, initialCapital, journalHash } = runHistoricalSession(plan);
  return { trades: ledger.length, finalEquity: equity.at(-1) ?? initialCapital, journalHash };
}
