import type { Clock } from '../../infra/clock.ts';
import type { VendorSettings } from '../../infra/vendor-settings.ts';
import { createAlpacaStream } from '../vendors/alpaca/alpaca-stream.ts';
import { createBinanceStream } from '../vendors/binance/binance-stream.ts';
import { createPolygonStream } from '../vendors/polygon/polygon-stream.ts';
import { requireVendor } from '../vendors/vendor-access.ts';
import type { VendorName } from '../vendors/vendor.ts';
import type { StreamConnector } from './stream-connection.ts';

/** The stream of a configured vendor. Throws InputError where it is not configured. */
export function streamConnector(name: VendorName, settings: VendorSettings, clock: Clock): StreamConnector {
  requireVendor(name, settings);
  const { alpaca, polygon, binance } = settings;
  switch (name) {
    case 'alpaca': {
      const { keyId, secretKey, streamUrl, feed } = alpaca;
      return createAlpacaStream({ keyId: keyId!, secretKey: secretKey!, streamUrl, feed });
    }
    case 'polygon':
      return createPolygonStream({ apiKey: polygon.apiKey!, streamUrl: polygon.streamUrl });
    case 'binance':
      return createBinanceStream({ streamUrl: binance.streamUrl }, clock);
  }
}
