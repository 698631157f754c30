import { HOUR_MS } from '../../../features/timeframe.ts';
import type { Instrument } from '../../../features/instrument.ts';
import type { VenueHours } from '../../brokers/venue/venue-broker.ts';
import type { TrackedOrder } from '../tracked-order.ts';

/** Hours are asked for again after this, in ms, where nothing has changed by then: a close may come early. */
const AGAIN_MS = HOUR_MS;

const EQUAL_CLOCKS = { offsetMs: 0, errorMs: 0 };

/**
 * When the venue trades, as it said when it was last asked. Where it has no hours, or has not told them, every moment
 * counts as open.
 */
export class MarketHours {
  #told: VenueHours | null = null;
  #askedMs = -Infinity;
  /** Since when it is open, as far as is known. */
  #openedMs = -Infinity;

  /** It is to be asked: never was, long ago, or it opened or closed since. */
  isStale(nowMs: number): boolean {
    const { nextOpenMs = Infinity, nextCloseMs = Infinity } = this.#told ?? {};
    return nowMs - this.#askedMs >= AGAIN_MS || nowMs >= Math.min(nextOpenMs, nextCloseMs);
  }

  /**
   * What the venue said at `nowMs`, by its clock, which is `offsetMs` ahead of ours, give or take `errorMs`: it opens
   * when it surely has, and closes when it may have.
   */
  note(told: VenueHours | null, nowMs: number, { offsetMs, errorMs } = EQUAL_CLOCKS): void {
    const wasShut = this.#told !== null && !this.#told.isOpen;
    if (wasShut && told?.isOpen === true) this.#openedMs = Math.min(this.#told!.nextOpenMs, nowMs);
    this.#told =
      told === null
        ? null
        : {
            isOpen: told.isOpen,
            nextOpenMs: told.nextOpenMs - offsetMs + errorMs,
            nextCloseMs: told.nextCloseMs - offsetMs - errorMs,
          };
    this.#askedMs = nowMs;
  }

  /** Our clock was put by `stepMs`. */
  clockStepped(stepMs: number): void {
    this.#openedMs += stepMs;
    if (this.#told === null) return;
    const { nextOpenMs, nextCloseMs } = this.#told;
    this.#told = { ...this.#told, nextOpenMs: nextOpenMs + stepMs, nextCloseMs: nextCloseMs + stepMs };
    this.#askedMs = -Infinity;
  }

  /** Nothing of the instrument is traded at `nowMs`. Coins are traded round the clock. */
  isShut({ assetClass }: Pick<Instrument, 'assetClass'>, nowMs: number): boolean {
    if (this.#told === null || assetClass === 'crypto') return false;
    const { isOpen, nextOpenMs, nextCloseMs } = this.#told;
    // Nobody may have asked since: a machine that slept wakes after the close.
    if (nowMs >= nextCloseMs && (isOpen || nextCloseMs > nextOpenMs)) return true;
    return !isOpen && nowMs < nextOpenMs;
  }

  /** How old a decision of `timeMs` is in time at which it could have been traded. */
  ageMs(timeMs: number, nowMs: number): number {
    const openedMs = this.#told?.isOpen === false && nowMs >= this.#told.nextOpenMs ? this.#told.nextOpenMs : null;
    return nowMs - Math.max(timeMs, openedMs ?? this.#openedMs);
  }
}

/**
 * An order that is executed at the next price, or not at all: while the market is shut it would wait at the venue for
 * whatever price comes first, out of our hands. What rests there, and what goes into an auction, leaves at any time.
 */
export function waitsForOpen({ order }: Pick<TrackedOrder, 'order'>): boolean {
  const { terms } = order;
  const tif = terms?.conditions?.tif ?? 'gtc';
  if (tif === 'on-open' || tif === 'on-close') return false;
  return terms === null || terms.type === 'market' || tif === 'ioc' || tif === 'fok';
}
