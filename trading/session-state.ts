import { SignalboxError } from '../infra/errors.ts';
import type { Plain } from './plain-values.ts';

/** Version of what the parts of a session save: one more with every change of what any of them keeps. */
export const STATE_FORMAT = 'signalbox-state/6';

/** All of a session after a close: a restart begins with it, and repeats only what came after. */
export interface SessionState {
  /** Hash of the strategy that it is of. */
  readonly strategy: string;
  /** Steps of the market before it, opens and closes. */
  readonly step: number;
  /** Records of the journal before it. */
  readonly records: number;
  readonly engine: Plain;
  /** Of the simulated venue, or of the session's side of a real one. */
  readonly venue: Plain;
  /** Signals whose outcome is not known or not stored, where somebody follows them. */
  readonly outcomes?: Plain;
}

/** The last state on record of a session. Where there is none that can be used, `fault` says why, in words. */
export interface FoundState {
  readonly state: SessionState | null;
  readonly fault: string | null;
}

export const NO_STATE: FoundState = { state: null, fault: null };

/** A session cannot go on from a state on record: it is to be replayed from its start. */
export class StateMisfit extends SignalboxError {
  constructor(why: string, cause?: unknown) {
    super(`The saved state cannot be used: ${why}.`, {
      remedy: 'The session is replayed from its start.',
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
