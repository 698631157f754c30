import axios from 'axios';
import type { Config } from './config.ts';
import { maskSecrets } from './logging/mask-secrets.ts';
import type { VendorSettings } from './vendor-settings.ts';

/** What was found of one vendor, as `doctor` shows it. */
export interface VendorState {
  readonly state: 'ok' | 'off';
  readonly detail: string;
}

/** An error whose remedy `doctor` shows. */
function broken(message: string, remedy: string): Error {
  return Object.assign(new Error(message), { remedy });
}

/** `off` where the order of vendors leaves it out. */
function leftOut(name: VendorSettings['order'][number], { order }: VendorSettings): VendorState | undefined {
  return order.includes(name) ? undefined : { state: 'off', detail: 'SIGNALBOX_VENDORS leaves it out' };
}

/** Asks one small question with the key, so that a wrong key is found here and not in the middle of an ingest. */
async function ask(name: string, url: string, request: Parameters<typeof axios.get>[1]): Promise<void> {
  try {
    await axios.get(url, { ...request, timeout: 10_000, maxRedirects: 0, responseType: 'text' });
  } catch (error) {
    const { message, response } = error as { message: string; response?: { status: number } };
    const refused = response?.status === 401 || response?.status === 403;
    throw broken(
      `${new URL(url).host}: ${maskSecrets(message)}`,
      refused
        ? `Correct the key of ${name} in the environment.`
        : `Try again later, or correct the address of ${name}.`,
    );
  }
}

/** Alpaca's keys, and whether its data server takes them. */
export async function checkAlpaca({ vendors }: Config): Promise<VendorState> {
  const { keyId, secretKey, dataUrl, feed } = vendors.alpaca;
  const out = leftOut('alpaca', vendors);
  if (out !== undefined) return out;
  if (keyId === null && secretKey === null) {
    return { state: 'off', detail: 'ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY are not set' };
  }
  if (keyId === null || secretKey === null) {
    const missing = keyId === null ? 'ALPACA_API_KEY_ID' : 'ALPACA_API_SECRET_KEY';
    throw broken(`${missing} is not set, and the other half of the key is.`, `Set ${missing}.`);
  }
  const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secretKey };
  const url = `${dataUrl.replace(/\/+$/, '')}/v2/stocks/quotes/latest`;
  await ask('Alpaca', url, { headers, params: { symbols: 'AAPL', feed } });
  return { state: 'ok', detail: `${new URL(dataUrl).host}, feed ${feed}` };
}

/** Polygon's key, and whether its server takes it. */
export async function checkPolygon({ vendors }: Config): Promise<VendorState> {
  const { apiKey, url } = vendors.polygon;
  const out = leftOut('polygon', vendors);
  if (out !== undefined) return out;
  if (apiKey === null) return { state: 'off', detail: 'POLYGON_API_KEY is not set' };
  const bars = `${url.replace(/\/+$/, '')}/v2/aggs/ticker/AAPL/range/1/day/1704153600000/1704240000000`;
  await ask('Polygon', bars, { params: { adjusted: false, limit: 1, apiKey } });
  return { state: 'ok', detail: new URL(url).host };
}

/** Binance needs no key; it is not asked, because nobody may want it. */
export async function checkBinance({ vendors }: Config): Promise<VendorState> {
  const detail = `${new URL(vendors.binance.url).host}, public data, no key (not asked)`;
  return leftOut('binance', vendors) ?? { state: 'ok', detail };
}
