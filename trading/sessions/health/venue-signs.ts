import type { VenueEdge } from '../venue/venue-edge.ts';
import type { AlertWord } from './effect-alerts.ts';

export interface VenueSignsOptions {
  readonly edge: Pick<VenueEdge, 'working' | 'held' | 'isLive'>;
  readonly symbols: readonly string[];
  /** Positions are to have a resting exit. */
  readonly protects: boolean;
  readonly say: (word: AlertWord) => void;
  readonly patience: SignPatience;
}

/** How long something may be so before people are told, in ms. */
export interface SignPatience {
  readonly doubtMs: number;
  readonly bareMs: number;
}

export const SIGN_PATIENCE: SignPatience = { doubtMs: 60_000, bareMs: 10_000 };

/** Looks at a session's orders at its venue for what people are to know: orders in doubt, positions without a stop. */
export class VenueSigns {
  readonly #options: VenueSignsOptions;
  /** Since when, and whether it was told, by subject. */
  readonly #seen = new Map<string, { readonly sinceMs: number; isTold: boolean }>();

  constructor(options: VenueSignsOptions) {
    this.#options = options;
  }

  look(nowMs: number): void {
    const { edge, patience } = this.#options;
    if (!edge.isLive) return;
    const now = new Map([...this.#inDoubt(), ...this.#bare()]);
    for (const [subject, { isTold }] of this.#seen) {
      if (now.has(subject)) continue;
      this.#seen.delete(subject);
      if (isTold) this.#options.say({ resolve: subject, why: 'it is over' });
    }
    for (const [subject, { type, words, details }] of now) {
      const known = this.#seen.get(subject) ?? { sinceMs: nowMs, isTold: false };
      this.#seen.set(subject, known);
      const mostMs = type === 'order-in-doubt' ? patience.doubtMs : patience.bareMs;
      if (known.isTold || nowMs - known.sinceMs < mostMs) continue;
      known.isTold = true;
      this.#options.say({ raise: { subject, type, severity: 'critical', words, details } });
    }
  }

  /** Orders of which nobody knows what became, or whose cancel does not come about. */
  *#inDoubt(): Generator<readonly [string, Sign]> {
    const { edge, symbols } = this.#options;
    for (const { sequence, symbol, state, cancelWanted, leaving } of edge.working) {
      const isUnknown = state === 'UNKNOWN' || state === 'LOST';
      if (!isUnknown && !(cancelWanted && leaving === 'sent')) continue;
      const what = isUnknown ? 'nobody knows what became of it' : 'its cancel is not confirmed';
      const words = `order ${sequence} of ${symbols[symbol]!}: ${what}`;
      yield [`order-in-doubt/${sequence}`, { type: 'order-in-doubt', words, details: { sequence, state } }];
    }
  }

  /** Positions without an exit that rests at the venue. */
  *#bare(): Generator<readonly [string, Sign]> {
    const { edge, symbols, protects } = this.#options;
    if (!protects) return;
    const covered = new Set<number>();
    for (const one of edge.working) {
      const rests = one.order.reduces && one.order.terms !== null && one.leaving === 'sent' && !one.cancelWanted;
      if (rests && one.state !== 'UNKNOWN' && one.state !== 'LOST') covered.add(one.symbol);
    }
    for (const [symbol, name] of symbols.entries()) {
      const units = edge.held(symbol);
      if (units === 0 || covered.has(symbol)) continue;
      const words = `${units} ${name} are held and no exit rests at the venue`;
      yield [`position-unprotected/${name}`, { type: 'position-unprotected', words, details: { symbol: name, units } }];
    }
  }
}

interface Sign {
  readonly type: 'order-in-doubt' | 'position-unprotected';
  readonly words: string;
  readonly details: Readonly<Record<string, unknown>>;
}
