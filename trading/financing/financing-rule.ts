import type { YearlyRate } from './yearly-rate.ts';

/** What holding costs, as rates per year. Absent ones are 0. */
export interface FinancingRule {
  /** Of what is sold short, paid for borrowing it. */
  readonly borrow?: YearlyRate | undefined;
  /** Of every position: long ones pay it, short ones are paid it. */
  readonly funding?: YearlyRate | undefined;
  /** Of cash below 0, paid, and of cash above 0, earned. */
  readonly debit?: YearlyRate | undefined;
  readonly credit?: YearlyRate | undefined;
  /** Rates of single symbols in place of those of all. */
  readonly symbols?:
    | Readonly<Record<string, { readonly borrow?: YearlyRate | undefined; readonly funding?: YearlyRate | undefined }>>
    | undefined;
  /** Days that a year's rate is spread over. Default 365. */
  readonly daysInYear?: 360 | 365 | undefined;
}

/** What was charged so far, in currency; what was earned is below 0. */
export interface Financed {
  readonly borrow: number;
  readonly funding: number;
  readonly interest: number;
}
