import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { systemClock } from '../../../infra/clock.ts';
import type { Random } from '../../../infra/random.ts';
import type { Sleep } from '../../../infra/sleep.ts';
import { ReconnectDelay } from '../../feeds/reconnect-delay.ts';
import { createDeadlineCall } from './deadline-call.ts';
import { FULL_PATIENCE, type Patience } from './patience.ts';
import { createRequestTurns } from './request-turns.ts';
import { VendorError } from '../vendor-error.ts';
import type { VendorCall, VendorName } from '../vendor.ts';

/** Where a caller does not say how patient it is: waits of 1, 2, 4 ... 60 s, until the breaker opens. */
const UNTIL_BROKEN: Patience = { ...FULL_PATIENCE, outlastsBreaker: false };
const BREAKER = { failures: 5, halfOpenAfterMs: 30_000 };

export interface GateOptions {
  readonly vendor: VendorName;
  readonly requestsPerMinute: number;
  /** Jitter of the waits. */
  readonly random: Random;
  readonly sleep: Sleep;
  readonly timeoutMs?: number | undefined;
  /** Failures in a row after which nothing is sent for a while. */
  readonly breaker?: { readonly failures: number; readonly halfOpenAfterMs: number };
  /** Hears of every wait before another attempt. */
  readonly onRetry?: ((retry: VendorRetry) => void) | undefined;
}

export interface VendorRetry {
  readonly vendor: VendorName;
  readonly endpoint: string;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
  readonly error: VendorError;
}

/**
 * What stands between us and one vendor: rate limit, retries, circuit breaker. All requests to it pass through one
 * gate.
 */
export interface VendorGate {
  readonly call: VendorCall;
  /**
   * After failures in a row, until a trial is due; while the trial is on its way; and while the vendor rests because it
   * asked to. Others are asked first then. False again once a trial is due, or nobody would ever make it.
   */
  readonly broken: boolean;
  /** Until `broken` turns false by the passing of time alone; 0 where nothing is held back. */
  readonly heldMs: number;
}

/** A limit is the vendor working as it should; all else that may pass is a sign of an outage. */
const isOutage = (error: unknown): boolean =>
  error instanceof VendorError && error.retryable && error.kind !== 'rate-limited';

/**
 * A gate before `vendor`. Retries what may pass (never a refusal) as long as the caller's patience says, with waits of
 * 1, 2, 4 ... 60 s, each cut at random by up to a half, or as long as the vendor asks; the waits are ours and not the
 * library's because they take the caller's clock. Five failures in a row hold all requests back for half a minute, then
 * a single trial decides.
 */
export function createVendorGate(options: GateOptions): VendorGate {
  const { vendor, random, sleep, onRetry } = options;
  const holding = createBreaker(options);
  const takeTurn = createRequestTurns({ name: vendor, perMinute: options.requestsPerMinute, sleep });
  const send = createDeadlineCall(vendor, options.timeoutMs);
  let restUntilMs = 0;
  const heldMs = (): number => Math.max(0, holding.untilMs() - systemClock(), restUntilMs - systemClock());
  const broken = (): boolean => heldMs() > 0 || holding.onTrial();
  const attemptOnce: VendorCall = async (endpoint, work, call = {}) => {
    const restMs = restUntilMs - systemClock();
    if (restMs > 0) {
      const detail = `asked for a pause that lasts ${Math.ceil(restMs / 1000)} s more`;
      throw new VendorError({ kind: 'rate-limited', vendor, endpoint, detail, retryAfterMs: restMs });
    }
    await takeTurn(call.signal);
    return holding.execute(endpoint, () => send(endpoint, work, call));
  };
  const call: VendorCall = async (endpoint, work, callOptions = {}) => {
    const waits = new ReconnectDelay(random);
    const { attempts, retryAfterMaxMs, outlastsBreaker } = callOptions.patience ?? UNTIL_BROKEN;
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(endpoint, work, callOptions);
      } catch (error) {
        if (!(error instanceof VendorError) || !error.retryable) throw error;
        const askedMs = error.retryAfterMs ?? 0;
        if (askedMs > retryAfterMaxMs) restUntilMs = Math.max(restUntilMs, systemClock() + askedMs);
        const givesUp = attempt >= attempts || askedMs > retryAfterMaxMs || (broken() && !outlastsBreaker);
        if (givesUp) throw error;
        const delayMs = Math.max(waits.next(), askedMs, heldMs());
        onRetry?.({ vendor, endpoint, attempt, delayMs, error });
        await sleep(delayMs, callOptions.signal);
      }
    }
  };
  return {
    call,
    get broken() {
      return broken();
    },
    get heldMs() {
      return heldMs();
    },
  };
}

/** The library's breaker, and when it lets a trial pass: by itself it says that only once a request is made. */
function createBreaker({ vendor, breaker: limits = BREAKER }: GateOptions) {
  const { failures, halfOpenAfterMs } = limits;
  const breaker = circuitBreaker(handleWhen(isOutage), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: halfOpenAfterMs,
  });
  let lastFailure = '';
  breaker.onFailure(({ reason }) => {
    if ('error' in reason && !(reason.error instanceof BrokenCircuitError)) lastFailure = reason.error.message;
  });
  // By the machine's clock, as the library counts.
  let openedMs = -Infinity;
  breaker.onBreak(() => (openedMs = systemClock()));
  return {
    untilMs: (): number => (breaker.state === CircuitState.Open ? openedMs + halfOpenAfterMs : -Infinity),
    onTrial: (): boolean => breaker.state === CircuitState.HalfOpen,
    execute: async <T>(endpoint: string, work: () => Promise<T>): Promise<T> => {
      try {
        return await breaker.execute(work);
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        const detail = `held back after ${failures} failures in a row, the last: ${lastFailure}`;
        throw new VendorError({ kind: 'unavailable', vendor, endpoint, detail });
      }
    },
  };
}
