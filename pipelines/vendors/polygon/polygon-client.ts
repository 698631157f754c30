import { restClient, type DefaultApi } from '@polygon.io/client-js';
import type { Clock } from '../../../infra/clock.ts';
import { ANSWER_MAX_BYTES, axiosFailure } from '../http/axios-failure.ts';
import type { VendorEndpoint } from '../http/http-failure.ts';

export interface PolygonSettings {
  readonly apiKey: string;
  /** `https://api.polygon.io`, or what stands in for it. */
  readonly url: string;
}

/** What goes with each request into the SDK's axios. */
export interface PolygonRequestOptions {
  readonly signal: AbortSignal;
  readonly maxContentLength: number;
  /** The key is in the address: it goes nowhere else. */
  readonly maxRedirects: 0;
  readonly params?: { readonly cursor: string };
}

export interface PolygonClient {
  /** Runs one call of the SDK. Throws VendorError. */
  read(where: VendorEndpoint, call: (api: DefaultApi) => Promise<unknown>): Promise<unknown>;
}

export function polygonRequestOptions(signal: AbortSignal, cursor?: string): PolygonRequestOptions {
  const options = { signal, maxContentLength: ANSWER_MAX_BYTES, maxRedirects: 0 } as const;
  return cursor === undefined ? options : { ...options, params: { cursor } };
}

/**
 * Polygon's SDK without its own paging: that has no end where pages go round in circles, puts later pages before
 * earlier ones, and sends the key to whatever address an answer names. The SDK retries nothing.
 */
export function createPolygonClient({ apiKey, url }: PolygonSettings, clock: Clock): PolygonClient {
  const api = restClient(apiKey, url.replace(/\/+$/, ''), { pagination: false });
  return {
    read: async (where, call) => {
      try {
        return await call(api);
      } catch (error) {
        throw axiosFailure(where, error, clock);
      }
    },
  };
}
