import type { Instrument } from '../../../features/instrument.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import type { VendorSettings } from '../../../infra/vendor-settings.ts';
import { missingVariables } from '../../../pipelines/vendors/vendor-access.ts';
import type { VenueAccount } from '../../brokers/venue/request-verdict.ts';
import type { VenueBeginning, VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { BrokerName, VenuePlan } from './venue-plan.ts';

/** How often the venue is tried at the start, in all, and the first wait in between, which doubles. */
const TRIES = 3;
const WAIT_MS = 1_000;

type Context = Pick<CommandContext, 'config' | 'clock' | 'progress' | 'signal'>;
export type VenueName = Exclude<BrokerName, 'simulated'>;

interface Venue {
  readonly title: string;
  /** Where its keys are made, in words. */
  readonly keys: string;
  /** Where its account is looked at. */
  readonly page: string;
  readonly missing: (settings: VendorSettings) => readonly string[];
  readonly url: (settings: VendorSettings) => string;
  readonly open: (context: Context) => Promise<VenueBroker>;
}

/** Each loads its SDK only where it is asked for. */
const VENUES: Readonly<Record<VenueName, Venue>> = {
  alpaca: {
    title: 'Alpaca',
    keys: 'Make a key of the paper account at https://app.alpaca.markets (Paper, API Keys)',
    page: 'https://app.alpaca.markets',
    missing: (settings) => missingVariables('alpaca', settings),
    url: ({ alpaca }) => alpaca.tradingUrl,
    open: async ({ config, clock }) => {
      const { AlpacaBroker } = await import('../../brokers/alpaca/alpaca-broker.ts');
      const { keyId, secretKey, tradingUrl, tradingRequestsPerMinute: requestsPerMinute } = config.vendors.alpaca;
      return new AlpacaBroker({ keyId: keyId!, secretKey: secretKey!, tradingUrl, requestsPerMinute }, { clock });
    },
  },
  binance: {
    title: 'Binance',
    keys: 'Make a key of the spot test network at https://testnet.binance.vision (Log in, Generate HMAC-SHA-256 Key)',
    page: 'https://testnet.binance.vision',
    missing: ({ binance: { apiKey, apiSecret } }) => [
      ...(apiKey === null ? ['BINANCE_API_KEY'] : []),
      ...(apiSecret === null ? ['BINANCE_API_SECRET'] : []),
    ],
    url: ({ binance }) => binance.tradingUrl,
    open: async ({ config, clock }) => {
      const { BinanceBroker } = await import('../../brokers/binance/binance-broker.ts');
      const { apiKey, apiSecret, tradingUrl, tradingStreamUrl, tradingWeightPerMinute } = config.vendors.binance;
      const keys = { apiKey: apiKey!, apiSecret: apiSecret!, tradingUrl, tradingStreamUrl };
      return new BinanceBroker({ ...keys, weightPerMinute: tradingWeightPerMinute }, { clock });
    },
  },
};

/**
 * Reaches a venue's paper trading with the keys of the environment.
 * @throws InputError where keys are missing or the account may not trade; SignalboxError, which says what was tried,
 *   where it cannot be reached
 */
export async function reachVenue(name: VenueName, context: Context): Promise<VenuePlan> {
  const { config, progress, signal } = context;
  const venue = VENUES[name];
  const missing = venue.missing(config.vendors);
  if (missing.length > 0) {
    throw new InputError(
      `${venue.title} needs ${missing.join(' and ')}, and ${missing.length === 1 ? 'it is' : 'they are'} not set.`,
      `${venue.keys}, and set both in the environment.`,
    );
  }
  const broker = await venue.open(context);
  progress.note(`${name}: trading at ${venue.url(config.vendors)}`);
  for (let tries = 1; ; tries++) {
    try {
      return { broker, account: requireOpen(await broker.account(), venue) };
    } catch (error) {
      if (error instanceof InputError || tries === TRIES || /HTTP 40[13]/.test(String(error))) throw error;
      progress.note(`${(error as Error).message} (try ${tries} of ${TRIES})`);
      await systemSleep(WAIT_MS * 2 ** (tries - 1), signal);
    }
  }
}

function requireOpen(account: VenueAccount, { title, page }: Venue): VenueAccount {
  if (account.blocks.length === 0) return account;
  throw new InputError(
    `The account at ${title} may not trade: ${account.blocks.join(', ')}.`,
    `Look at it at ${page}.`,
  );
}

/** What a session trades at a venue, and what it begins with there; the account in the currency of its symbols. */
export interface PreparedVenue {
  readonly venue: VenuePlan;
  readonly instruments: readonly Instrument[];
  /** Kept with the session's record; absent where the venue keeps all of it itself. */
  readonly beginning?: VenueBeginning | undefined;
}

/** Tells a venue what is traded there. `begun`: what the session began with, null where it is new. */
export async function prepareVenue(
  venue: VenuePlan,
  instruments: readonly Instrument[],
  begun: VenueBeginning | null,
): Promise<PreparedVenue> {
  const { broker } = venue;
  if (broker.prepare === undefined) return { venue, instruments };
  const beginning = await broker.prepare(instruments, begun);
  return { venue: { ...venue, account: await broker.account() }, instruments: beginning.instruments, beginning };
}
