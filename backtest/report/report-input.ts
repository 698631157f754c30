import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { Markup } from './html.ts';
import type { Analysis } from '../analysis/analyse.ts';
import type { Evaluation } from '../judgement/evaluation.ts';
import type { BacktestResult } from '../judgement/result.ts';

/** Where the bars came from, in the words of the source. */
interface DataStatement {
  /** `S&P 500 daily bars of vega-datasets`, `simulated universe of 50 symbols, seed 1`. */
  readonly title: string;
  /** Whole sentences: the source's own statement, adjustments, what is known to be missing. */
  readonly statement: string;
  readonly url: string | null;
  /** Shown as a warning label: nothing here was traded anywhere. */
  readonly simulated: boolean;
  readonly timeframe: string;
}

/** Something that repeats the run when it is the same: `Data hash`, `Git commit`, `TensorFlow backend`, `Node`. */
interface Identification {
  readonly label: string;
  readonly value: string;
}

/**
 * What the report and the terminal output are made from. All text may come from users: it is escaped where it is shown.
 */
export interface ReportInput {
  readonly title: string;
  readonly description: string;
  readonly result: BacktestResult;
  readonly evaluation: Evaluation;
  readonly data: DataStatement;
  readonly costs: Partial<Costs>;
  /** ISO 4217 code or quote asset. */
  readonly currency: string;
  /** The resolved experiment as YAML, or the command line of a rule strategy. */
  readonly source: string;
  readonly identification: readonly Identification[];
  /** Shown when given; nothing else in the report depends on the time of writing. */
  readonly writtenAtMs: number | null;
  /** Sections of their own kind, shown after the walk-forward. */
  readonly more?: readonly Markup[] | undefined;
  /** The session taken apart: bars that were traded, orders with what led to them. */
  readonly analysis: Analysis;
  /** What a run knows of the row of features and the model behind a decision; absent for rules. */
  readonly decision?: DecisionRecord | undefined;
}

/** What was known when a decision was made. */
export interface DecisionRecord {
  /** The row of features of a symbol at a close, by name; null where there is none. */
  featuresOf(symbol: string, closeTimeMs: number): readonly (readonly [name: string, value: number])[] | null;
  /** The model that predicted, in words; null where none did. */
  modelOf(symbol: string, closeTimeMs: number): string | null;
}
