import { z } from 'zod';

const ALPACA_FEEDS = ['iex', 'sip', 'delayed_sip'] as const;
export const VENDORS = ['alpaca', 'polygon', 'binance'] as const;

/** Where the vendors of market data are and what opens them. `null` means: not configured. */
export interface VendorSettings {
  /** SIGNALBOX_VENDORS: the vendors that may be asked, in the order in which they stand in for each other. */
  readonly order: readonly (typeof VENDORS)[number][];
  readonly alpaca: {
    readonly keyId: string | null;
    readonly secretKey: string | null;
    readonly dataUrl: string;
    readonly streamUrl: string;
    /** Orders, and the stream of what becomes of them: of paper trading. */
    readonly tradingUrl: string;
    /** The same of live trading. */
    readonly liveTradingUrl: string;
    /**
     * Stock bars and quotes: `iex` (one exchange, free), `sip` (all, by subscription), `delayed_sip` (all, 15 minutes
     * late).
     */
    readonly feed: (typeof ALPACA_FEEDS)[number];
    readonly requestsPerMinute: number;
    /** Of orders and what is asked about them: a budget of its own. */
    readonly tradingRequestsPerMinute: number;
  };
  readonly polygon: {
    readonly apiKey: string | null;
    readonly url: string;
    readonly streamUrl: string;
    readonly requestsPerMinute: number;
  };
  readonly binance: {
    /** Public data: no key. */
    readonly url: string;
    readonly streamUrl: string;
    readonly requestsPerMinute: number;
    /** Of orders: a key of the network that `tradingUrl` names, and its secret or private key. */
    readonly apiKey: string | null;
    readonly apiSecret: string | null;
    /** Orders: of the spot test network. */
    readonly tradingUrl: string;
    /** The WebSocket API, by which it tells what becomes of them. */
    readonly tradingStreamUrl: string;
    /** What requests about orders may weigh, by Binance's count. */
    readonly tradingWeightPerMinute: number;
    readonly futures: BinanceFuturesSettings;
  };
}

/** USD-M futures: keys and addresses of their own. */
interface BinanceFuturesSettings {
  readonly apiKey: string | null;
  readonly apiSecret: string | null;
  /** Orders of paper trading, on the test network, and the streams of user data there. */
  readonly tradingUrl: string;
  readonly tradingStreamUrl: string;
  /** The same of live trading. */
  readonly liveTradingUrl: string;
  readonly liveTradingStreamUrl: string;
  readonly weightPerMinute: number;
}

const urlWith = (schemes: RegExp, words: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.test(new URL(text).protocol), {
      error: `must be a URL that starts with ${words}`,
      abort: true,
    })
    // No vendor knows of any; whoever writes one would find it in the messages that name the address.
    .refine((text) => new URL(text).username === '' && new URL(text).password === '', {
      error: 'must hold neither a password nor a user; keys have variables of their own',
    });
const address = urlWith(/^https?:$/, 'http:// or https://');
const streamAddress = urlWith(/^wss?:$/, 'ws:// or wss://');
const rate = z.int().min(1).max(1_000_000);

/** Keys of `--config FILE` and of the environment. */
export const vendorFields = {
  vendors: z.array(z.enum(VENDORS)).refine((names) => new Set(names).size === names.length, {
    error: 'names a vendor twice',
  }),
  alpacaDataUrl: address,
  alpacaStreamUrl: streamAddress,
  alpacaFeed: z.enum(ALPACA_FEEDS),
  alpacaTradingUrl: address,
  alpacaLiveTradingUrl: address,
  alpacaRequestsPerMinute: rate,
  alpacaTradingRequestsPerMinute: rate,
  polygonUrl: address,
  polygonStreamUrl: streamAddress,
  polygonRequestsPerMinute: rate,
  binanceUrl: address,
  binanceStreamUrl: streamAddress,
  binanceRequestsPerMinute: rate,
  binanceTradingUrl: address,
  binanceTradingStreamUrl: streamAddress,
  binanceTradingWeightPerMinute: rate,
  binanceFuturesUrl: address,
  binanceFuturesStreamUrl: streamAddress,
  binanceFuturesLiveUrl: address,
  binanceFuturesLiveStreamUrl: streamAddress,
  binanceFuturesWeightPerMinute: rate,
};

/** Secrets: in the environment only. */
export const vendorSecretFields = {
  alpacaKeyId: z.string(),
  alpacaSecretKey: z.string(),
  polygonApiKey: z.string(),
  binanceApiKey: z.string(),
  binanceApiSecret: z.string(),
  binanceFuturesApiKey: z.string(),
  binanceFuturesApiSecret: z.string(),
};

/** Which variable sets which field; of two that set the same, the first one that is set counts. */
export const VENDOR_VARIABLES = [
  { name: 'SIGNALBOX_VENDORS', field: 'vendors', parse: (text: string) => text.split(',').map((part) => part.trim()) },
  { name: 'ALPACA_API_KEY_ID', field: 'alpacaKeyId' },
  { name: 'APCA_API_KEY_ID', field: 'alpacaKeyId' },
  { name: 'ALPACA_API_SECRET_KEY', field: 'alpacaSecretKey' },
  { name: 'APCA_API_SECRET_KEY', field: 'alpacaSecretKey' },
  { name: 'ALPACA_DATA_URL', field: 'alpacaDataUrl' },
  { name: 'ALPACA_STREAM_URL', field: 'alpacaStreamUrl' },
  { name: 'ALPACA_TRADING_URL', field: 'alpacaTradingUrl' },
  { name: 'ALPACA_LIVE_TRADING_URL', field: 'alpacaLiveTradingUrl' },
  { name: 'ALPACA_FEED', field: 'alpacaFeed' },
  { name: 'ALPACA_REQUESTS_PER_MINUTE', field: 'alpacaRequestsPerMinute', parse: Number },
  { name: 'ALPACA_TRADING_REQUESTS_PER_MINUTE', field: 'alpacaTradingRequestsPerMinute', parse: Number },
  { name: 'POLYGON_API_KEY', field: 'polygonApiKey' },
  { name: 'POLYGON_URL', field: 'polygonUrl' },
  { name: 'POLYGON_STREAM_URL', field: 'polygonStreamUrl' },
  { name: 'POLYGON_REQUESTS_PER_MINUTE', field: 'polygonRequestsPerMinute', parse: Number },
  { name: 'BINANCE_URL', field: 'binanceUrl' },
  { name: 'BINANCE_STREAM_URL', field: 'binanceStreamUrl' },
  { name: 'BINANCE_REQUESTS_PER_MINUTE', field: 'binanceRequestsPerMinute', parse: Number },
  { name: 'BINANCE_API_KEY', field: 'binanceApiKey' },
  { name: 'BINANCE_API_SECRET', field: 'binanceApiSecret' },
  { name: 'BINANCE_TRADING_URL', field: 'binanceTradingUrl' },
  { name: 'BINANCE_TRADING_STREAM_URL', field: 'binanceTradingStreamUrl' },
  { name: 'BINANCE_TRADING_WEIGHT_PER_MINUTE', field: 'binanceTradingWeightPerMinute', parse: Number },
  { name: 'BINANCE_FUTURES_API_KEY', field: 'binanceFuturesApiKey' },
  { name: 'BINANCE_FUTURES_API_SECRET', field: 'binanceFuturesApiSecret' },
  { name: 'BINANCE_FUTURES_URL', field: 'binanceFuturesUrl' },
  { name: 'BINANCE_FUTURES_STREAM_URL', field: 'binanceFuturesStreamUrl' },
  { name: 'BINANCE_FUTURES_LIVE_URL', field: 'binanceFuturesLiveUrl' },
  { name: 'BINANCE_FUTURES_LIVE_STREAM_URL', field: 'binanceFuturesLiveStreamUrl' },
  { name: 'BINANCE_FUTURES_WEIGHT_PER_MINUTE', field: 'binanceFuturesWeightPerMinute', parse: Number },
] as const;

type Fields = typeof vendorFields & typeof vendorSecretFields;
export type VendorFieldValues = { readonly [Name in keyof Fields]?: z.infer<Fields[Name]> | undefined };

/**
 * Requests a minute that the vendors' free plans allow: 200, 5, and 6,000 units of weight at 2 a request with room to
 * spare.
 */
const RATES = { alpaca: 200, polygon: 5, binance: 1200 };
/** Of the 6,000 a minute of an address, with room for the market data that leave from it too. */
const BINANCE_TRADING_WEIGHT = 3000;
/** Of the 2,400 a minute that futures have of their own. */
const BINANCE_FUTURES_WEIGHT = 1500;

/** The settings with their defaults: the vendors' own addresses. */
export function vendorSettings(values: VendorFieldValues): VendorSettings {
  return {
    order: values.vendors ?? VENDORS,
    alpaca: {
      keyId: values.alpacaKeyId ?? null,
      secretKey: values.alpacaSecretKey ?? null,
      dataUrl: values.alpacaDataUrl ?? 'https://data.alpaca.markets',
      streamUrl: values.alpacaStreamUrl ?? 'wss://stream.data.alpaca.markets',
      tradingUrl: values.alpacaTradingUrl ?? 'https://paper-api.alpaca.markets',
      liveTradingUrl: values.alpacaLiveTradingUrl ?? 'https://api.alpaca.markets',
      feed: values.alpacaFeed ?? 'iex',
      requestsPerMinute: values.alpacaRequestsPerMinute ?? RATES.alpaca,
      tradingRequestsPerMinute: values.alpacaTradingRequestsPerMinute ?? RATES.alpaca,
    },
    polygon: {
      apiKey: values.polygonApiKey ?? null,
      url: values.polygonUrl ?? 'https://api.polygon.io',
      streamUrl: values.polygonStreamUrl ?? 'wss://socket.polygon.io',
      requestsPerMinute: values.polygonRequestsPerMinute ?? RATES.polygon,
    },
    binance: {
      url: values.binanceUrl ?? 'https://api.binance.com',
      streamUrl: values.binanceStreamUrl ?? 'wss://stream.binance.com:9443',
      requestsPerMinute: values.binanceRequestsPerMinute ?? RATES.binance,
      apiKey: values.binanceApiKey ?? null,
      apiSecret: values.binanceApiSecret ?? null,
      tradingUrl: values.binanceTradingUrl ?? 'https://testnet.binance.vision',
      tradingStreamUrl: values.binanceTradingStreamUrl ?? 'wss://ws-api.testnet.binance.vision',
      tradingWeightPerMinute: values.binanceTradingWeightPerMinute ?? BINANCE_TRADING_WEIGHT,
      futures: futuresSettings(values),
    },
  };
}

function futuresSettings(values: VendorFieldValues): BinanceFuturesSettings {
  return {
    apiKey: values.binanceFuturesApiKey ?? null,
    apiSecret: values.binanceFuturesApiSecret ?? null,
    tradingUrl: values.binanceFuturesUrl ?? 'https://demo-fapi.binance.com',
    tradingStreamUrl: values.binanceFuturesStreamUrl ?? 'wss://fstream.binancefuture.com',
    liveTradingUrl: values.binanceFuturesLiveUrl ?? 'https://fapi.binance.com',
    liveTradingStreamUrl: values.binanceFuturesLiveStreamUrl ?? 'wss://fstream.binance.com',
    weightPerMinute: values.binanceFuturesWeightPerMinute ?? BINANCE_FUTURES_WEIGHT,
  };
}
