import { DAY_MS } from '../../features/timeframe.ts';
import { InputError } from '../../infra/errors.ts';

/** A rate per year as a fraction: one for all time, or one from each of some days on. */
export type YearlyRate = number | readonly { readonly from: string; readonly rate: number }[];

/** What a rate is on any day. Before the first day of its steps it is 0. */
export class RateByDay {
  readonly #days: readonly number[];
  readonly #rates: readonly number[];

  /** @throws InputError for a day or a rate that is none. */
  constructor(rate: YearlyRate) {
    if (typeof rate === 'number' && !Number.isFinite(rate)) throw new InputError(`A rate per year of ${rate} is none.`);
    const steps = typeof rate === 'number' ? [{ from: -Infinity, rate }] : rate.map(dated);
    const inOrder = steps.sort((a, b) => a.from - b.from);
    this.#days = inOrder.map(({ from }) => from);
    this.#rates = inOrder.map(({ rate: value }) => value);
  }

  /** Sum of the rates of the days from `from` to `to` (excluded), in days since 1970 UTC. */
  sum(from: number, to: number): number {
    let sum = 0;
    for (let step = 0; step < this.#days.length; step++) {
      const first = Math.max(from, this.#days[step]!);
      const end = Math.min(to, this.#days[step + 1] ?? Infinity);
      if (end > first) sum += (end - first) * this.#rates[step]!;
    }
    return sum;
  }
}

function dated({ from, rate }: { readonly from: string; readonly rate: number }): { from: number; rate: number } {
  const day = Math.floor(Date.parse(from) / DAY_MS);
  if (Number.isFinite(day) && Number.isFinite(rate)) return { from: day, rate };
  throw new InputError(
    `A rate per year of ${rate} from ${JSON.stringify(from)} on is none.`,
    'Write { from: YYYY-MM-DD, rate: 0.03 }.',
  );
}
