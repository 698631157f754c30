import { DAY_MS, timeframeMs, TIMEFRAMES } from '../../features/timeframe.ts';
import { EARLIEST_MS, EPOCHS, LATEST_MS, NUMBER, TIME_FORMATS, type ReadTime, type TimeFormat } from './time-format.ts';

/** No time is longer; what is takes patterns long to refuse. */
export const TEXT_MAX = 100;

/** Where the times of files lie that are read without asking: one unit's are never another's. */
const RECENT_FROM_MS = Date.UTC(1980, 0, 1);

const UNITS = Object.values(EPOCHS);

const isBarSize = (stepMs: number): boolean =>
  TIMEFRAMES.some((timeframe) => timeframeMs(timeframe) === stepMs) || (stepMs > 0 && stepMs % DAY_MS === 0);

/** Steps told apart while looking for the most frequent one: bars have a handful. */
const STEPS_MAX = 1000;

/**
 * Looks at the times of a file and says how they are written. What a single time leaves open (the unit of an epoch, or
 * day and month) the others decide, or nothing does.
 */
export class TimeCandidates {
  readonly #formats: readonly TimeFormat[];
  readonly #counts: number[];
  readonly #recent = UNITS.map(() => 0);
  readonly #steps = new Map<number, number>();
  readonly #read: ReadTime = { localMs: 0, offsetMinutes: NaN };
  #numbers = 0;
  #last = NaN;
  #least = Infinity;
  #greatest = -Infinity;
  /** The first time that was seen, as written. */
  first = '';

  /** `formats`, of those with calendar dates, are the ones that are still open. */
  constructor(formats: readonly TimeFormat[] = TIME_FORMATS) {
    this.#formats = formats.some(({ isUtc }) => isUtc) ? TIME_FORMATS : formats;
    this.#counts = this.#formats.map(() => 0);
  }

  add(text: string): void {
    if (text === '' || text.length > TEXT_MAX) return;
    if (this.first === '') this.first = text;
    this.#formats.forEach((format, i) => {
      if (format.read(text, this.#read)) this.#counts[i]!++;
    });
    if (NUMBER.test(text)) this.#addNumber(Number(text));
  }

  #addNumber(value: number): void {
    this.#numbers++;
    UNITS.forEach(({ unitMs }, i) => {
      if (value * unitMs >= RECENT_FROM_MS && value * unitMs < LATEST_MS) this.#recent[i]!++;
    });
    this.#least = Math.min(this.#least, value);
    this.#greatest = Math.max(this.#greatest, value);
    const step = Math.abs(value - this.#last);
    this.#last = value;
    if (step > 0 && (this.#steps.has(step) || this.#steps.size < STEPS_MAX))
      this.#steps.set(step, (this.#steps.get(step) ?? 0) + 1);
  }

  /**
   * The format; `undecided` with those that fit equally well, or `none`. Texts that fit no format do not count: they
   * are wrong rows.
   */
  decide(): TimeFormat | { readonly undecided: readonly TimeFormat[] } | 'none' {
    const most = Math.max(...this.#counts);
    const recent = Math.max(...this.#recent);
    if (recent > 0 && this.#numbers > most) return UNITS[this.#recent.indexOf(recent)]!;
    if (most > 0) {
      const best = this.#formats.filter((_, i) => this.#counts[i] === most);
      return best.length === 1 ? best[0]! : { undecided: best };
    }
    return this.#numbers === 0 ? 'none' : this.#unitBySteps();
  }

  /** The unit in which the times are years that there were and the bars of a size that there is. */
  #unitBySteps(): TimeFormat | { readonly undecided: readonly TimeFormat[] } {
    const [step] = [...this.#steps].reduce((best, one) => (one[1] > best[1] ? one : best), [NaN, 0] as [
      number,
      number,
    ]);
    const possible = UNITS.filter(
      ({ unitMs }) => this.#least * unitMs >= EARLIEST_MS && this.#greatest * unitMs < LATEST_MS,
    );
    const fitting = possible.filter(({ unitMs }) => isBarSize(step * unitMs));
    if (fitting.length === 1) return fitting[0]!;
    return { undecided: possible };
  }
}
