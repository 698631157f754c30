import { VendorError } from '../vendor-error.ts';
import type { VendorCall, VendorName } from '../vendor.ts';

/** Long enough for a full page over a slow line; a vendor that needs more has stalled. */
const REQUEST_TIMEOUT_MS = 30_000;

/**
 * A call that ends after `timeoutMs` whatever the SDK does: SDKs time out a silent socket, but not one that drips a
 * byte now and then. A patience may say less. Rejects with VendorError `timed-out`, or with the caller's reason where
 * the caller's signal ends it first.
 */
export function createDeadlineCall(vendor: VendorName, timeoutMs = REQUEST_TIMEOUT_MS): VendorCall {
  return async (endpoint, work, { signal, patience } = {}) => {
    signal?.throwIfAborted();
    const limitMs = Math.min(timeoutMs, patience?.timeoutMs ?? Infinity);
    const controller = new AbortController();
    const passOn = (): void => controller.abort(signal?.reason);
    signal?.addEventListener('abort', passOn, { once: true });
    const timer = setTimeout(() => {
      controller.abort(
        new VendorError({ kind: 'timed-out', vendor, endpoint, detail: `no whole answer after ${limitMs} ms` }),
      );
    }, limitMs);
    const ended = new Promise<never>((_resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), { once: true });
    });
    try {
      return await Promise.race([work(controller.signal), ended]);
    } catch (error) {
      // Ended by us: what the SDK makes of it does not matter.
      throw controller.signal.aborted ? controller.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', passOn);
    }
  };
}
