import type { VenueOrder } from '../../brokers/venue/request-verdict.ts';

/** What of an order the session does in place of the venue. */
export interface Emulation {
  /** The other exit of its position, by its number, where one of the two rests at a time; 0 for none. */
  beside: number;
  /** Of a trailing stop that is moved from here: the price of its stop, and the best that has become; else null. */
  trail: { level: number; best: number } | null;
  /**
   * `asked`: it is to be taken back from the venue, and goes on as another order there later. `maybe`: before a restart
   * that may have been asked for.
   */
  parking: 'none' | 'asked' | 'maybe';
}

export const newEmulation = (isKept: boolean): Emulation => ({
  beside: 0,
  trail: null,
  parking: isKept ? 'maybe' : 'none',
});

interface Emulated {
  readonly emulation: Emulation;
}

interface Changed extends Emulated {
  readonly amended: number;
  readonly confirmed: number;
  readonly amend: string;
}

interface Absent extends Emulated {
  leaving: string;
  missing: boolean;
  absences: number;
  absentSinceMs: number;
  tryMs: number;
}

/** It goes on as other orders of the venue, one after the other. */
export const isTakenBack = ({ emulation: { beside, trail } }: Emulated): boolean => beside !== 0 || trail !== null;

/** We have cancelled it, or may have before a restart, and it is wanted all the same. */
export function wasParked(tracked: Changed, { status }: Pick<VenueOrder, 'status'>): boolean {
  const { parking } = tracked.emulation;
  if (status !== 'canceled' || parking === 'none') return false;
  // One that was cancelled for a change which the venue refused goes on as it was.
  const isUnchanged = parking === 'maybe' && tracked.amended > tracked.confirmed && tracked.amend === 'none';
  return isTakenBack(tracked) || isUnchanged;
}

/** Prices are in new units, `ratio` for an old one. */
export function splitEmulation({ trail }: Emulation, ratio: number): void {
  if (trail === null) return;
  trail.level /= ratio;
  trail.best /= ratio;
}

/** It is proven that it never arrived: it waits here until it is its turn. */
export function keepHere(tracked: Absent): void {
  tracked.leaving = 'held';
  tracked.missing = false;
  tracked.absences = 0;
  tracked.absentSinceMs = Infinity;
  tracked.tryMs = -Infinity;
  tracked.emulation.parking = 'none';
}
