import { DAY_MS } from '../../../../features/timeframe.ts';
import { systemClock } from '../../../../infra/clock.ts';
import type { StandInHours } from '../stand-in-market.ts';

/** A market that trades without a break, and whose day ends when it is told to. */
export class EndedDays implements StandInHours {
  readonly #closes: number[] = [];

  isOpen(): boolean {
    return true;
  }

  nextOpenMs(ms: number): number {
    return ms + DAY_MS;
  }

  nextCloseMs(ms: number): number {
    return this.#closes.find((close) => close > ms) ?? systemClock() + DAY_MS;
  }

  end(): void {
    this.#closes.push(systemClock());
  }
}
