import { systemClock, type Clock } from '../../infra/clock.ts';
import { InputError } from '../../infra/errors.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import { systemSleep, type Sleep } from '../../infra/sleep.ts';
import type { VendorSettings } from '../../infra/vendor-settings.ts';
import type { VendorName } from './vendor.ts';

/** What is needed to reach vendors, without their SDKs. */
export interface VendorAccess {
  readonly settings: VendorSettings;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Jitter of the waits between attempts. */
  readonly random: Random;
  /** Of one request; 30 s by default. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Access by the machine's clock. The jitter is drawn from the moment of the start: processes that start together need
 * not come back together.
 */
export function systemVendorAccess(settings: VendorSettings): VendorAccess {
  return { settings, clock: systemClock, sleep: systemSleep, random: createRandom(systemClock()) };
}

/** What is not set of what `name` needs, by variable. */
export function missingVariables(name: VendorName, { alpaca, polygon }: VendorSettings): readonly string[] {
  const needed: Readonly<Record<VendorName, readonly (readonly [string, string | null])[]>> = {
    alpaca: [
      ['ALPACA_API_KEY_ID', alpaca.keyId],
      ['ALPACA_API_SECRET_KEY', alpaca.secretKey],
    ],
    polygon: [['POLYGON_API_KEY', polygon.apiKey]],
    binance: [],
  };
  return needed[name].flatMap(([variable, value]) => (value === null ? [variable] : []));
}

/** Throws InputError that names the variables where `name` cannot be asked. */
export function requireVendor(name: VendorName, settings: VendorSettings): void {
  if (!settings.order.includes(name)) {
    throw new InputError(`SIGNALBOX_VENDORS leaves ${name} out.`, `Add ${name} to it, or choose another source.`);
  }
  const missing = missingVariables(name, settings);
  if (missing.length === 0) return;
  throw new InputError(
    `${name} needs ${missing.join(' and ')}, and ${missing.length === 1 ? 'it is' : 'they are'} not set.`,
    `Set ${missing.join(' and ')} in the environment, or choose another source (sample, simulated, csv).`,
  );
}
