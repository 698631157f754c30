import type { Instrument } from '../../../features/instrument.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import type { VendorSettings } from '../../../infra/vendor-settings.ts';
import { missingVariables } from '../../../pipelines/vendors/vendor-access.ts';
import type { AccountKind } from '../../brokers/alpaca/alpaca-account-kind.ts';
import type { FuturesMargin } from '../../brokers/binance/futures/futures-account.ts';
import type { VenueAccount } from '../../brokers/venue/request-verdict.ts';
import type { VenueBeginning, VenueBroker } from '../../brokers/venue/venue-broker.ts';
import {
  alpacaAddress,
  binanceAddress,
  futuresAddress,
  requireAccount,
  requireFuturesAccount,
} from './account-kind.ts';
import { marginAsked, type BrokerName, type VenuePlan } from './venue-plan.ts';

/** How often the venue is tried at the start, in all, and the first wait in between, which doubles. */
const TRIES = 3;
const WAIT_MS = 1_000;

type Context = Pick<CommandContext, 'config' | 'clock' | 'progress' | 'signal'>;
export type VenueName = Exclude<BrokerName, 'simulated'>;

interface Venue {
  readonly title: string;
  /** Where keys of such an account are made, in words. */
  readonly keys: (kind: AccountKind) => string;
  /** Where its account is looked at. */
  readonly page: string;
  readonly missing: (settings: VendorSettings) => readonly string[];
  /** Where such an account is traded. @throws InputError where keys or addresses are of the other kind */
  readonly url: (settings: VendorSettings, kind: AccountKind) => string;
  readonly open: (context: Context, at: OpenAt) => Promise<VenueBroker>;
  /** The account that was opened is of the kind, and of the name. @throws InputError where it is not */
  readonly requireAccount: (account: VenueAccount, kind: AccountKind, named?: string) => void;
}

interface OpenAt {
  readonly url: string;
  readonly kind: AccountKind;
  readonly margin: FuturesMargin | null;
}

/** Each loads its SDK only where it is asked for. */
const VENUES: Readonly<Record<VenueName, Venue>> = {
  alpaca: {
    title: 'Alpaca',
    keys: (kind) =>
      `Make a key of the ${kind} account at https://app.alpaca.markets (${kind === 'live' ? 'Live' : 'Paper'}, API Keys)`,
    page: 'https://app.alpaca.markets',
    missing: (settings) => missingVariables('alpaca', settings),
    url: ({ alpaca }, kind) => alpacaAddress(alpaca, kind),
    requireAccount,
    open: async ({ config, clock }, { url: tradingUrl }) => {
      const { AlpacaBroker } = await import('../../brokers/alpaca/alpaca-broker.ts');
      const { keyId, secretKey, tradingRequestsPerMinute: requestsPerMinute } = config.vendors.alpaca;
      return new AlpacaBroker({ keyId: keyId!, secretKey: secretKey!, tradingUrl, requestsPerMinute }, { clock });
    },
  },
  binance: {
    title: 'Binance',
    keys: () =>
      'Make a key of the spot test network at https://testnet.binance.vision (Log in, Generate HMAC-SHA-256 Key)',
    page: 'https://testnet.binance.vision',
    missing: ({ binance: { apiKey, apiSecret } }) => [
      ...(apiKey === null ? ['BINANCE_API_KEY'] : []),
      ...(apiSecret === null ? ['BINANCE_API_SECRET'] : []),
    ],
    url: ({ binance }, kind) => binanceAddress(binance.tradingUrl, kind),
    requireAccount,
    open: async ({ config, clock }, { url: tradingUrl }) => {
      const { BinanceBroker } = await import('../../brokers/binance/binance-broker.ts');
      const { apiKey, apiSecret, tradingStreamUrl, tradingWeightPerMinute } = config.vendors.binance;
      const keys = { apiKey: apiKey!, apiSecret: apiSecret!, tradingUrl, tradingStreamUrl };
      return new BinanceBroker({ ...keys, weightPerMinute: tradingWeightPerMinute }, { clock });
    },
  },
  'binance-futures': {
    title: "Binance's USD-M futures",
    keys: (kind) =>
      kind === 'live'
        ? 'Make a key with leave for futures at https://www.binance.com (API Management)'
        : 'Make a key of the test network at https://demo.binance.com (API Management)',
    page: 'https://www.binance.com/en/futures',
    missing: ({ binance: { futures } }) => [
      ...(futures.apiKey === null ? ['BINANCE_FUTURES_API_KEY'] : []),
      ...(futures.apiSecret === null ? ['BINANCE_FUTURES_API_SECRET'] : []),
    ],
    url: ({ binance }, kind) => futuresAddress(binance.futures, kind),
    requireAccount: requireFuturesAccount,
    open: async ({ config, clock }, { url: tradingUrl, kind, margin }) => {
      const { FuturesBroker } = await import('../../brokers/binance/futures/futures-broker.ts');
      const { futures } = config.vendors.binance;
      const { weightPerMinute } = futures;
      const tradingStreamUrl = kind === 'live' ? futures.liveTradingStreamUrl : futures.tradingStreamUrl;
      const keys = { apiKey: futures.apiKey!, apiSecret: futures.apiSecret!, tradingUrl, tradingStreamUrl };
      return new FuturesBroker({ ...keys, weightPerMinute, margin: margin! }, { clock });
    },
  },
};

/** What is asked of a venue: `account` makes it a live one. */
interface ReachOptions {
  readonly account?: string | undefined;
  readonly leverage?: string;
  readonly marginMode?: string;
}

/**
 * Reaches a venue with the keys of the environment: its paper trading, or the live account that is named.
 * @throws InputError where keys are missing or of the other kind, or the account is another one or may not trade;
 *   SignalboxError, which says what was tried, where it cannot be reached
 */
export async function reachVenue(
  name: VenueName,
  context: Context,
  { account: liveAccount, ...asked }: ReachOptions = {},
): Promise<VenuePlan> {
  const margin = marginAsked(name, asked);
  const kind = liveAccount === undefined ? 'paper' : 'live';
  const { config, progress, signal } = context;
  const venue = VENUES[name];
  const missing = venue.missing(config.vendors);
  if (missing.length > 0) {
    throw new InputError(
      `${venue.title} needs ${missing.join(' and ')}, and ${missing.length === 1 ? 'it is' : 'they are'} not set.`,
      `${venue.keys(kind)}, and set both in the environment.`,
    );
  }
  const url = venue.url(config.vendors, kind);
  const broker = await venue.open(context, { url, kind, margin });
  progress.note(`${name}: trading at ${url}`);
  for (let tries = 1; ; tries++) {
    try {
      const account = requireOpen(await broker.account(), venue);
      venue.requireAccount(account, kind, liveAccount);
      return { broker, account, ...(margin === null ? {} : { margin }) };
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
