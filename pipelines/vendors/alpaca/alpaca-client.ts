import { errors, marketData } from '@alpacahq/alpaca-trade-api/rest';
import type { Clock } from '../../../infra/clock.ts';
import type { VendorSettings } from '../../../infra/vendor-settings.ts';
import { connectionError, parseRetryAfter, statusError, type VendorEndpoint } from '../http/http-failure.ts';
import { parseJson } from '../http/parse-answer.ts';
import { VendorError } from '../vendor-error.ts';

/** `delayed_sip`: all exchanges, 15 minutes late, for accounts without a subscription. */
export type AlpacaFeed = VendorSettings['alpaca']['feed'];

export interface AlpacaSettings {
  readonly keyId: string;
  readonly secretKey: string;
  /** `https://data.alpaca.markets`, or what stands in for it. */
  readonly dataUrl: string;
  readonly feed: AlpacaFeed;
}

/**
 * The market-data calls of Alpaca's SDK; answers are read as text and parsed by us, because the SDK's own reading hides
 * what is missing.
 */
export interface AlpacaClient {
  readonly stocks: marketData.StockApi;
  readonly crypto: marketData.CryptoApi;
  readonly actions: marketData.CorporateActionsApi;
  readonly news: marketData.NewsApi;
  /** Runs one call of the SDK and reads its answer. Throws VendorError. */
  read(where: VendorEndpoint, call: () => Promise<{ readonly raw: Response }>): Promise<unknown>;
}

const FORBIDDEN =
  'Alpaca answers so to wrong keys and to feeds outside the subscription: check ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY, and ALPACA_FEED (iex needs no subscription).';

/**
 * The SDK retries nothing by itself unless told to, and its own deadline is off: the caller's signal ends a request.
 */
export function createAlpacaClient(settings: AlpacaSettings, clock: Clock): AlpacaClient {
  const { keyId, secretKey, dataUrl } = settings;
  const basePath = dataUrl.replace(/\/+$/, '');
  const configuration = new marketData.Configuration({ basePath, keyId, secret: secretKey, timeoutMs: 0 });
  return {
    stocks: new marketData.StockApi(configuration),
    crypto: new marketData.CryptoApi(configuration),
    actions: new marketData.CorporateActionsApi(configuration),
    news: new marketData.NewsApi(configuration),
    read: async (where, call) => {
      try {
        const { raw } = await call();
        return parseJson(await raw.text(), where);
      } catch (error) {
        throw alpacaFailure(where, error, clock);
      }
    },
  };
}

function alpacaFailure(where: VendorEndpoint, error: unknown, clock: Clock): VendorError {
  if (error instanceof VendorError) return error;
  // The SDK wraps what `fetch` says into words about its own interceptors.
  if (error instanceof errors.FetchError) return connectionError(where, error.cause);
  if (!(error instanceof errors.ApiError)) return connectionError(where, error);
  const { status, message, response } = error;
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), clock()) ?? resetMs(response, clock());
  return statusError(where, {
    status,
    detail: message,
    retryAfterMs,
    ...(status === 403 ? { remedy: FORBIDDEN } : {}),
  });
}

/** Alpaca says when its minute ends (epoch seconds) where it does not say how long to wait. */
function resetMs(response: Response, nowMs: number): number | undefined {
  const reset = Number(response.headers.get('x-ratelimit-reset') ?? NaN);
  return response.status === 429 && reset > 0 ? Math.max(0, reset * 1000 - nowMs) : undefined;
}
