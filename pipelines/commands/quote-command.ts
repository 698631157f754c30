import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { openDataManager } from '../vendors/asking/open-data-manager.ts';
import { missingVariables, requireVendor, systemVendorAccess, type VendorAccess } from '../vendors/vendor-access.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import { VENDOR_NAMES, type VendorName } from '../vendors/vendor.ts';

export interface QuoteCommandOptions {
  readonly vendor?: string;
}

/** The vendor to ask first: the one that is named, else the first one that is configured. */
function firstVendor(named: string | undefined, { settings }: VendorAccess): VendorName {
  if (named !== undefined) {
    const found = VENDOR_NAMES.find((name) => name === named);
    if (found === undefined)
      throw new InputError(`Unknown vendor "${named}".`, `Use one of ${VENDOR_NAMES.join(', ')}.`);
    requireVendor(found, settings);
    return found;
  }
  const configured = settings.order.find((name) => missingVariables(name, settings).length === 0);
  if (configured === undefined)
    throw new InputError('No vendor is configured.', '`signalbox doctor` says what each needs.');
  return configured;
}

/** What can be done where no vendor gave a quote: nothing of one is ever stored. */
function withoutQuote({ kind, vendor, endpoint, detail }: VendorError): VendorError {
  const remedy = 'Try again later, or name another --vendor; `signalbox doctor` says which can be reached.';
  return new VendorError({ kind, vendor, endpoint, detail, remedy });
}

/** `quote SYMBOL`: the latest best bid and offer, from the vendor named or the first one configured that trades it. */
export async function runQuote(
  context: Pick<CommandContext, 'config' | 'signal' | 'progress'>,
  options: QuoteCommandOptions,
  symbol: string,
  access: VendorAccess = systemVendorAccess(context.config.vendors),
): Promise<CommandOutput> {
  const note = (text: string): void => context.progress.note(text);
  const manager = openDataManager({ ...access, onRetry: ({ error }) => note(`${error.vendor} is asked again.`) });
  const named = options.vendor;
  const first = firstVendor(named, access);
  const trading = named === undefined ? access.settings.order.find((name) => manager.trades(name, symbol)) : first;
  const asked = manager.latestQuote(symbol, { first: trading ?? first, signal: context.signal, once: true });
  const { vendor, because, quote } = await asked.catch((error: unknown) => {
    throw error instanceof VendorError && error.retryable ? withoutQuote(error) : error;
  });
  if (because !== null) note(`${vendor} stands in: ${because}`);
  const { timeMs, ...prices } = quote;
  const value = { ...prices, time: new Date(timeMs).toISOString(), vendor };
  const text = `${symbol}: bid ${quote.bid} (${quote.bidSize}), ask ${quote.ask} (${quote.askSize}), ${value.time}, ${vendor}`;
  return { value, text: () => text };
}
