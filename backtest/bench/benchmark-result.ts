/** One line of `bench --json`. */
export interface BenchmarkResult {
  readonly name: string;
  readonly work: string;
  /** Median of the runs. */
  readonly seconds: number;
  readonly runs: number;
  readonly rate: number;
  readonly unit: string;
  /** Figures that prove that the work was done, and the load of the machine. */
  readonly checks: Readonly<Record<string, unknown>>;
}
