import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleAll,
  type CircuitBreakerPolicy,
  type IBackoff,
} from 'cockatiel';
import { preciseClock } from '../../../infra/clock.ts';

export type BreakerName = 'requests' | 'stream' | 'database';
export type BreakerState = 'closed' | 'open' | 'half-open';

/** A change of a breaker, and what it came from, in words. */
export interface BreakerChange {
  readonly breaker: BreakerName;
  readonly state: BreakerState;
  readonly reason: string;
}

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failuresMax: number;
  /** How long it is open before one may try, in ms. */
  readonly openMs: number;
}

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Isolated]: 'open',
};

/** The policy reckons by the machine's clock, which may be put: then it would stay open for as long as that. */
function openFor(openMs: number): IBackoff<unknown> {
  const openedMs = preciseClock();
  return {
    get duration() {
      return preciseClock() - openedMs < openMs ? Infinity : -Infinity;
    },
    next: () => openFor(openMs),
  };
}

/**
 * A circuit breaker that tells of its changes. Open, it lets nothing through but what goes `around` it; after `openMs`
 * one may try (half-open), and closes it or opens it anew.
 */
export class CircuitWatch {
  readonly name: BreakerName;
  readonly #policy: CircuitBreakerPolicy;
  /** What the last failure said. */
  #why = '';
  #state: BreakerState = 'closed';

  constructor(
    name: BreakerName,
    { failuresMax, openMs }: BreakerOptions,
    onChange: (change: BreakerChange) => void = () => undefined,
  ) {
    this.name = name;
    this.#policy = circuitBreaker(handleAll, {
      halfOpenAfter: { next: () => openFor(openMs) },
      breaker: new ConsecutiveBreaker(failuresMax),
    });
    this.#policy.onStateChange((state) => {
      const before = this.#state;
      this.#state = STATES[state];
      if (this.#state === before) return;
      const reason =
        this.#state === 'closed' ? 'it answers again' : this.#state === 'open' ? this.#why : 'one may try again';
      onChange({ breaker: name, state: this.#state, reason });
    });
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Does `work` where the breaker lets it; it fails where that rejects. @throws BrokenCircuitError while it is open */
  through<T>(work: () => Promise<T>): Promise<T> {
    return this.#policy.execute(() => work().catch((error: unknown) => this.#failed(error)));
  }

  #failed(error: unknown): never {
    // The policy tells of its state before it tells of the failure.
    this.#why = error instanceof Error ? error.message : String(error);
    throw error;
  }

  /** Does `work` whatever the breaker says, and has it try by that where it may. */
  async around<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state === 'closed') return this.through(work);
    const done = await work();
    // It was answered: that is as good as a try.
    if (this.#state === 'open') await this.#policy.execute(() => Promise.resolve()).catch(() => undefined);
    return done;
  }
}

/** Whether a breaker kept it from being done. */
export const isKeptOff = (error: unknown): boolean => error instanceof BrokenCircuitError;
