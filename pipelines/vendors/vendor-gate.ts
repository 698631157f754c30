import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Random } from '../../infra/random.ts';
import type { Sleep } from '../../infra/sleep.ts';
import { ReconnectDelay } from '../feeds/reconnect-delay.ts';
import { createDeadlineCall } from './deadline-call.ts';
import { VendorError } from './vendor-error.ts';
import type { VendorCall, VendorCallOptions, VendorName } from './vendor.ts';

/** Waits of 1, 2, 4, 8, 16, 32 and 60 s lie between so many attempts: two minutes in all. */
const ATTEMPTS_MAX = 8;
/** A vendor that asks for a longer pause is not waited for. */
const RETRY_AFTER_MAX_MS = 300_000;
const BREAKER = { failures: 5, halfOpenAfterMs: 30_000 };

export interface GateOptions {
  readonly vendor: VendorName;
  readonly requestsPerMinute: number;
  /** Jitter of the waits. */
  readonly random: Random;
  readonly sleep: Sleep;
  readonly timeoutMs?: number | undefined;
  readonly attemptsMax?: number;
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

/** What stands between us and one vendor: rate limit, retries, circuit breaker. All requests to it pass through one gate. */
export interface VendorGate {
  readonly call: VendorCall;
  /** After failures in a row: requests are held back until a trial request succeeds. */
  readonly broken: boolean;
}

/** A limit is the vendor working as it should; all else that may pass is a sign of an outage. */
const isOutage = (error: unknown): boolean =>
  error instanceof VendorError && error.retryable && error.kind !== 'rate-limited';

/**
 * A gate before `vendor`. Retries what may pass (never a refusal) with waits of 1, 2, 4 ... 60 s, each cut at random by up to a half, or
 * as long as the vendor asks; the waits are ours and not the library's because they take the caller's clock.
 */
export function createVendorGate(options: GateOptions): VendorGate {
  const { vendor, random, sleep, onRetry, attemptsMax = ATTEMPTS_MAX } = options;
  const { failures, halfOpenAfterMs } = options.breaker ?? BREAKER;
  const send = createDeadlineCall(vendor, options.timeoutMs);
  const limiter = new RateLimiterMemory({ points: options.requestsPerMinute, duration: 60 });
  const breaker = circuitBreaker(handleWhen(isOutage), {
    breaker: new ConsecutiveBreaker(failures),
    halfOpenAfter: halfOpenAfterMs,
  });
  let lastFailure = '';
  breaker.onFailure(({ reason }) => {
    if ('error' in reason && !(reason.error instanceof BrokenCircuitError)) lastFailure = reason.error.message;
  });
  const attemptOnce = async <T>(
    endpoint: string,
    work: (signal: AbortSignal) => Promise<T>,
    call: VendorCallOptions,
  ): Promise<T> => {
    await takeTurn(limiter, vendor, sleep, call.signal);
    try {
      return await breaker.execute(() => send(endpoint, work, call));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      const detail = `held back after ${failures} failures in a row, the last: ${lastFailure}`;
      throw new VendorError({ kind: 'unavailable', vendor, endpoint, detail });
    }
  };
  const call: VendorCall = async (endpoint, work, callOptions = {}) => {
    const waits = new ReconnectDelay(random);
    for (let attempt = 1; ; attempt++) {
      try {
        return await attemptOnce(endpoint, work, callOptions);
      } catch (error) {
        if (!(error instanceof VendorError) || !error.retryable || attempt >= attemptsMax) throw error;
        const askedMs = error.retryAfterMs ?? 0;
        if (askedMs > RETRY_AFTER_MAX_MS) throw error;
        const delayMs = Math.max(waits.next(), askedMs);
        onRetry?.({ vendor, endpoint, attempt, delayMs, error });
        await sleep(delayMs, callOptions.signal);
      }
    }
  };
  return {
    call,
    get broken() {
      return breaker.state === CircuitState.Open;
    },
  };
}

/** Waits until the vendor's limit leaves room for one more request. */
async function takeTurn(
  limiter: RateLimiterMemory,
  vendor: VendorName,
  sleep: Sleep,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    try {
      await limiter.consume(vendor);
      return;
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      await sleep(Math.max(1, error.msBeforeNext), signal);
    }
  }
}
