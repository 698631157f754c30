import type { Clock } from '../../../infra/clock.ts';
import type { VendorSettings } from '../../../infra/vendor-settings.ts';
import { createAlpacaVendor } from '../alpaca/alpaca-vendor.ts';
import { createBinanceVendor } from '../binance/binance-vendor.ts';
import type { ManagedVendor } from './ask-vendors.ts';
import { DataManager } from './data-manager.ts';
import { createPolygonVendor } from '../polygon/polygon-vendor.ts';
import { createVendorGate, type VendorGate, type VendorRetry } from './vendor-gate.ts';
import { missingVariables, requireVendor, type VendorAccess } from '../vendor-access.ts';
import type { Vendor, VendorName } from '../vendor.ts';

export interface DataManagerAccess extends VendorAccess {
  readonly onRetry?: ((retry: VendorRetry) => void) | undefined;
}

/** A configured vendor behind `gate`. */
function openVendor(name: VendorName, settings: VendorSettings, clock: Clock, { call }: VendorGate): Vendor {
  requireVendor(name, settings);
  const { alpaca, polygon, binance } = settings;
  switch (name) {
    case 'alpaca': {
      const { keyId, secretKey, dataUrl, feed } = alpaca;
      return createAlpacaVendor({ settings: { keyId: keyId!, secretKey: secretKey!, dataUrl, feed }, clock, call });
    }
    case 'polygon':
      return createPolygonVendor({ settings: { apiKey: polygon.apiKey!, url: polygon.url }, clock, call });
    case 'binance':
      return createBinanceVendor({ settings: { url: binance.url }, clock, call });
  }
}

/** All vendors that are configured, each behind a gate of its own, in the order of the settings. */
export function openDataManager(access: DataManagerAccess): DataManager {
  const { settings, clock, sleep, random, onRetry, timeoutMs } = access;
  const configured = settings.order.filter((name) => missingVariables(name, settings).length === 0);
  const vendors = configured.map((name): ManagedVendor => {
    const { requestsPerMinute } = settings[name];
    const gate = createVendorGate({
      vendor: name,
      requestsPerMinute,
      random: random.fork(name),
      sleep,
      onRetry,
      timeoutMs,
    });
    return { vendor: openVendor(name, settings, clock, gate), gate };
  });
  return new DataManager({ vendors, clock, sleep, random: random.fork('rounds') });
}
