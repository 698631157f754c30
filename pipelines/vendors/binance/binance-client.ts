import { MainClient } from 'binance';
import type { Clock } from '../../../infra/clock.ts';
import { ANSWER_MAX_BYTES, axiosFailure } from '../http/axios-failure.ts';
import type { HttpAnswer, VendorEndpoint } from '../http/http-failure.ts';

export interface BinanceSettings {
  /** `https://api.binance.com`, or what stands in for it. */
  readonly url: string;
}

export interface BinanceClient {
  /** Runs one call of the SDK. Throws VendorError. */
  read(where: VendorEndpoint, signal: AbortSignal, call: (api: MainClient) => Promise<unknown>): Promise<unknown>;
}

/** Binance answers 400 to most mistakes; its own code says which. */
const UNKNOWN_SYMBOL = -1121;

function refine(status: number, data: unknown): Pick<HttpAnswer, 'kind'> {
  const code = (data as { code?: unknown } | null)?.code;
  return status === 400 && code === UNKNOWN_SYMBOL ? { kind: 'not-found' } : {};
}

/**
 * Binance's SDK for public data, which needs no key. It takes a signal only when it is made, so that each request gets
 * a client of its own (a few objects, no connection). It retries nothing, and its clock is not synchronised because
 * nothing is signed.
 */
export function createBinanceClient({ url }: BinanceSettings, clock: Clock): BinanceClient {
  const baseUrl = url.replace(/\/+$/, '');
  return {
    read: async (where, signal, call) => {
      const network = { signal, timeout: 0, maxContentLength: ANSWER_MAX_BYTES };
      const api = new MainClient({ baseUrl, disableTimeSync: true, parseExceptions: false }, network);
      try {
        return await call(api);
      } catch (error) {
        throw axiosFailure(where, error, clock, refine);
      }
    },
  };
}
