import { sideOf, type Signal } from '../strategies/strategy.ts';

/** What a signal wants. Fields, set anew by each: objects that signals made were an eighth of what orders took. */
export class Wanted {
  /** 1, 0 or -1. */
  side = 0;
  /** It opens or increases a position. */
  opens = false;
  /** It wants what is there. */
  keeps = false;
  /** A target that is said again is of what is worth by now: prices have moved the position away from it. */
  resizes = false;

  /** Sets it for a signal beside the `position` held, opened for `share` of a full one. */
  hear(signal: Signal, share: number, position: number, longShort: boolean): void {
    const side = sideOf(signal, longShort);
    const same = side === (position > 0 ? 1 : position < 0 ? -1 : 0);
    const wanted = signal.target === undefined || side === 0 ? share : Math.abs(signal.target);
    this.side = side;
    this.keeps = same && wanted === share && !this.resizes;
    this.opens = side !== 0 && (!same || wanted > share);
  }
}
