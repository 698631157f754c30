import type { Instrument } from '../../../features/instrument.ts';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import type { Clock } from '../../../infra/clock.ts';
import { InputError } from '../../../infra/errors.ts';
import { amountNumber } from './asset-amount.ts';
import { BINANCE_ANSWERS, garbled } from './binance-answer.ts';
import type { BinanceClient } from './binance-client.ts';
import type { Pair } from './binance-fills.ts';
import { ruledInstrument, rulesOf, type SymbolRules } from './binance-rules.ts';

/** Rules and states of symbols are asked for as often, or sooner where one is in doubt; prices are good as long. */
const RULES_MS = 600_000;
const DOUBT_MS = 10_000;
const PRICE_MS = 60_000;
/** What Binance takes commissions in where the account says so. */
const FEE_ASSET = 'BNB';

export interface Market extends Pair {
  /** As Binance writes it: `BTCUSDT`. */
  readonly pair: string;
}

/** Where an exchange tells of its markets. */
export interface MarketsAt {
  /** The rules of symbols by Binance's names, those of others perhaps among them. @throws SignalboxError */
  readonly rules: (client: BinanceClient, names: readonly string[]) => Promise<ReadonlyMap<string, SymbolRules>>;
  /** What a market is judged by: the average, or the mark. @throws SignalboxError */
  readonly price: (client: BinanceClient, symbol: string) => Promise<number>;
  readonly candlesPath: string;
  /** An instrument with the grid and the rules of the exchange. */
  readonly ruled: (instrument: Instrument, rules: SymbolRules) => Instrument;
  /** Commissions are taken from what positions are made of. */
  readonly paysInKind: boolean;
}

const SPOT_MARKETS: MarketsAt = {
  rules: async (client, names) => {
    const params = { symbols: JSON.stringify(names) };
    const ask = { path: 'api/v3/exchangeInfo', weight: 20, params };
    const { symbols } = await client.read('the rules of its symbols', BINANCE_ANSWERS.exchange, ask);
    return new Map(symbols.map((one) => [one.symbol, rulesOf(one)]));
  },
  price: async (client, symbol) => {
    const ask = { path: 'api/v3/avgPrice', weight: 2, params: { symbol } };
    const { price } = await client.read(`the average price of ${symbol}`, BINANCE_ANSWERS.averagePrice, ask);
    return amountNumber(price);
  },
  candlesPath: 'api/v3/klines',
  ruled: ruledInstrument,
  paysInKind: true,
};

/** What Binance says of the markets of a session: rules, states, average prices, the worth of other assets. */
export class BinanceMarkets {
  readonly #client: BinanceClient;
  readonly #clock: Clock;
  readonly #at: MarketsAt;
  #pairs: readonly Market[] = [];
  #rules: ReadonlyMap<string, SymbolRules> = new Map();
  #rulesMs = -Infinity;
  readonly #averages = new Map<string, { readonly price: number; readonly atMs: number }>();
  /** Prices of assets in the quote asset, the newest and by the minute. */
  readonly #worth = new Map<string, { readonly price: number; readonly atMs: number }>();

  constructor(client: BinanceClient, clock: Clock, at: MarketsAt = SPOT_MARKETS) {
    this.#client = client;
    this.#clock = clock;
    this.#at = at;
  }

  get pairs(): readonly Market[] {
    return this.#pairs;
  }

  /** How soon what is in doubt is asked for again. */
  readonly refreshMs = DOUBT_MS;

  /** A market by Binance's name; null where it is none of the session's. */
  pairOf(pair: string): Market | null {
    return this.#pairs.find((one) => one.pair === pair) ?? null;
  }

  /** @throws InputError for what cannot be traded there; SignalboxError where it is not told */
  async prepare(instruments: readonly Instrument[]): Promise<readonly Instrument[]> {
    for (const { symbol, assetClass } of instruments) {
      if (assetClass === 'crypto') continue;
      throw new InputError(`${symbol} is no pair of crypto assets.`, 'Name pairs like BTC/USDT or BTCUSDT.');
    }
    const names = instruments.map(({ symbol }) => symbol.replace('/', ''));
    this.#rules = await this.#at.rules(this.#client, names);
    this.#rulesMs = this.#clock();
    this.#pairs = instruments.map(({ symbol: name }, index) => {
      const pair = names[index]!;
      const { base, quote } = this.#ruleOf(pair);
      return { name, pair, base, quote };
    });
    this.#requireOneAccount();
    for (const pair of this.#pairs) await this.#average(pair.pair);
    const [first] = this.#pairs;
    if (first !== undefined) await this.#askWorth(FEE_ASSET, first.quote, null);
    return instruments.map((instrument, index) => this.#at.ruled(instrument, this.#ruleOf(names[index]!)));
  }

  #requireOneAccount(): void {
    const quotes = [...new Set(this.#pairs.map(({ quote }) => quote))];
    const bases = this.#pairs.map(({ base }) => base);
    if (quotes.length > 1) {
      throw new InputError(`The pairs are quoted in ${quotes.join(' and ')}.`, 'Trade pairs of one quote asset.');
    }
    const fees = this.#at.paysInKind ? this.#pairs.find(({ base }) => base === FEE_ASSET) : undefined;
    if (fees !== undefined) {
      throw new InputError(
        `${fees.name}: Binance takes commissions in ${FEE_ASSET}, which a position in it could not be told from.`,
        'Leave it out.',
      );
    }
    const twice = bases.find((base, index) => bases.indexOf(base) !== index);
    if (twice !== undefined) throw new InputError(`${twice} is traded under two names.`, 'Name it once.');
  }

  /** Rules and average price of a symbol, as new as an order needs them. @throws SignalboxError */
  async now(name: string): Promise<{ readonly rules: SymbolRules; readonly average: number }> {
    const market = this.#pairs.find((one) => one.name === name);
    if (market === undefined) throw new InputError(`${name} was not prepared to be traded at Binance.`);
    await this.#freshRules();
    return { rules: this.#ruleOf(market.pair), average: await this.#average(market.pair) };
  }

  /** What is known of the average price; 0 where nothing is. */
  averageOf(name: string): number {
    const market = this.#pairs.find((one) => one.name === name);
    return this.#averages.get(market?.pair ?? '')?.price ?? 0;
  }

  /** Brings up to date what orders will need, so that none has to wait for it. @throws SignalboxError */
  async refresh(): Promise<void> {
    await this.#freshRules();
    for (const { pair } of this.#pairs) await this.#average(pair);
    const [first] = this.#pairs;
    const last = this.#worth.get(FEE_ASSET);
    if (first !== undefined && last !== undefined && this.#clock() - last.atMs > PRICE_MS) {
      await this.#askWorth(FEE_ASSET, first.quote, null);
    }
  }

  /** A symbol is not as it was known: it is asked for again before the next order. */
  doubt(): void {
    this.#rulesMs = Math.min(this.#rulesMs, this.#clock() - RULES_MS);
  }

  /** What one unit of an asset is worth in the quote asset; null where it would have to be asked for. */
  knownWorth(asset: string, { base, quote }: Pair): number | null {
    if (asset === base || asset === quote) return 1;
    return this.#worth.get(asset)?.price ?? null;
  }

  /** The same at a time, by the venue's clock. @throws SignalboxError */
  async worthOf(asset: string, pair: Pair, timeMs: number): Promise<number> {
    if (asset === pair.base || asset === pair.quote || asset === '') return 1;
    return this.#askWorth(asset, pair.quote, timeMs);
  }

  async #askWorth(asset: string, quote: string, timeMs: number | null): Promise<number> {
    const minuteMs = timeMs === null ? null : Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
    const key = minuteMs === null ? asset : `${asset}/${minuteMs}`;
    const known = minuteMs === null ? undefined : this.#worth.get(key);
    if (known !== undefined) return known.price;
    const latest = { symbol: asset + quote, interval: '1m', limit: 1 };
    const params = minuteMs === null ? latest : { ...latest, startTime: minuteMs };
    const what = `the price of ${asset} in ${quote}`;
    const candles = await this.#client.read(what, BINANCE_ANSWERS.candles, {
      path: this.#at.candlesPath,
      weight: 2,
      params,
    });
    if (candles[0] === undefined) throw garbled(what, 'there is none of that minute');
    const price = amountNumber(candles[0][1]);
    this.#worth.set(key, { price, atMs: this.#clock() });
    if (this.#worth.size > WORTH_MAX) this.#worth.delete([...this.#worth.keys()].find((one) => one.includes('/'))!);
    return price;
  }

  async #freshRules(): Promise<void> {
    const isOpen = [...this.#rules.values()].every(({ status }) => status === 'TRADING');
    const ageMs = this.#clock() - this.#rulesMs;
    if (ageMs < (isOpen ? RULES_MS : DOUBT_MS)) return;
    this.#rules = await this.#at.rules(
      this.#client,
      this.#pairs.map(({ pair }) => pair),
    );
    this.#rulesMs = this.#clock();
  }

  #ruleOf(pair: string): SymbolRules {
    const found = this.#rules.get(pair);
    if (found === undefined) throw garbled('the rules of its symbols', `${pair} is not among them`);
    return found;
  }

  async #average(symbol: string): Promise<number> {
    const known = this.#averages.get(symbol);
    if (known !== undefined && this.#clock() - known.atMs < PRICE_MS) return known.price;
    const price = await this.#at.price(this.#client, symbol);
    this.#averages.set(symbol, { price, atMs: this.#clock() });
    return price;
  }
}

const WORTH_MAX = 5_000;
