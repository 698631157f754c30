import { barAt, createBarColumns, type Bar, type BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import { InputError } from '../../infra/errors.ts';
import type { CorporateActionEvent } from '../effect.ts';
import { requireKnownSymbols } from '../known-symbols.ts';
import type { Market, RateAt } from '../market.ts';
import { ClosingRate } from './closing-rate.ts';

/** In what the account is kept, and which bars say what other currencies are worth in it. */
export interface CurrencyRule {
  readonly account: string;
  /** By currency: the symbol whose close is the price of one unit of it, or (inverse) of one unit of the account's. */
  readonly rates: Readonly<
    Record<string, string | { readonly symbol: string; readonly inverse?: boolean | undefined }>
  >;
  /** What symbols are quoted in, where their source does not know. */
  readonly symbols?: Readonly<Record<string, string>> | undefined;
}

/** Coins that stand for a dollar: worth one where no rate says more. */
const DOLLARS = ['USDT', 'USDC', 'BUSD', 'TUSD', 'FDUSD', 'USDP'];

/**
 * An instrument as an account in another currency knows it. Units stay what they are; prices lie on no tick of it.
 * @throws InputError where its venue's least value of an order is in the currency that it is quoted in.
 */
function converted(one: Instrument, account: string): Instrument {
  const { rules } = one;
  if (rules?.minimumNotional !== undefined) {
    throw new InputError(
      `${one.symbol} is converted from ${one.currency} to ${account}, and minimumNotional of the table of instruments is not.`,
      'Leave it out for this symbol, or say minimumQuantity.',
    );
  }
  const kept = rules === undefined ? {} : { rules: { ...rules, ticks: undefined } };
  return { ...one, currency: account, assetClass: 'unknown', ...kept };
}

/**
 * Brings what is quoted in other currencies into that of the account: a bar's open at the rate known then, everything
 * else at the rate known at its close. Positions, orders, fills, costs and limits are then of one currency, while
 * strategies see the bars as they are quoted.
 */
export class AccountCurrency {
  /** As the account knows them: in its currency, and without the tick of another. */
  readonly instruments: readonly Instrument[];
  readonly #account: string;
  /** Rate of each symbol; null where it is quoted in the account's currency. */
  readonly #rateOf: readonly (ClosingRate | null)[];
  /** Rates that the bars of a symbol tell. */
  readonly #toldBy: readonly (readonly ClosingRate[])[];

  /**
   * Null where everything is quoted in one currency.
   * @throws InputError for currencies without a rate, and for symbols that the session does not trade.
   */
  static of(rule: CurrencyRule | undefined, instruments: readonly Instrument[]): AccountCurrency | null {
    if (rule !== undefined) return new AccountCurrency(rule, instruments);
    const [first, other] = instruments.filter(
      (one, at) => atPar(one.currency) !== atPar(instruments[0]!.currency) || at === 0,
    );
    if (other === undefined) return null;
    throw new InputError(
      `${first!.symbol} is quoted in ${first!.currency} and ${other.symbol} in ${other.currency}: an account has one currency`,
      `Add currencies: { account: ${first!.currency}, rates: { ${other.currency}: SYMBOL } }, and that symbol to the universe.`,
    );
  }

  private constructor({ account, rates, symbols = {} }: CurrencyRule, instruments: readonly Instrument[]) {
    const names = instruments.map(({ symbol }) => symbol);
    requireKnownSymbols(names, Object.keys(symbols), 'currencies.symbols');
    const told: ClosingRate[][] = names.map(() => []);
    const byCurrency = new Map<string, ClosingRate>();
    for (const [currency, source] of Object.entries(rates)) {
      const { symbol, inverse = false } = typeof source === 'string' ? { symbol: source } : source;
      requireKnownSymbols(names, [symbol], `currencies.rates.${currency}`);
      const rate = new ClosingRate({ currency, symbol, inverse });
      byCurrency.set(currency, rate);
      told[names.indexOf(symbol)]!.push(rate);
    }
    this.#account = account;
    this.#toldBy = told;
    const quotes = instruments.map(({ symbol, currency }) =>
      Object.hasOwn(symbols, symbol) ? symbols[symbol]! : currency,
    );
    this.#rateOf = quotes.map((currency, at) => {
      const rate = byCurrency.get(currency);
      if (rate !== undefined) return rate;
      if (atPar(currency) === atPar(account)) return null;
      throw new InputError(
        `${names[at]!} is quoted in ${currency}, and currencies.rates has none for it`,
        `Add ${currency}: SYMBOL, whose close is the price of one ${currency} in ${account}, and that symbol to the universe.`,
      );
    });
    this.instruments = instruments.map((one, at) => (this.#rateOf[at] === null ? one : converted(one, account)));
  }

  /** The rate of each symbol at any time; null where it is quoted in the account's currency. */
  get rates(): readonly (RateAt | null)[] {
    return this.#rateOf.map((rate) => (rate === null ? null : (timeMs) => rate.before(timeMs).value));
  }

  /** How old the rate of each symbol is at any time; null where it is quoted in the account's currency. */
  get rateAges(): readonly (RateAt | null)[] {
    return this.#rateOf.map((rate) => (rate === null ? null : (timeMs) => timeMs - rate.before(timeMs).closeTimeMs));
  }

  /** Rates that were missing while something was converted, in words. */
  notes(): readonly string[] {
    const rates = [...new Set(this.#toldBy.flat())];
    return rates.flatMap((rate) => {
      const { currency, symbol } = rate;
      return rate.gaps.map(
        ([since, until]) =>
          `rates: ${symbol} gives none from ${currency} to ${this.#account} between ${isoDay(since)} and ` +
          `${isoDay(until)}: what was held was valued at the last one, and nothing was opened in ${currency}`,
      );
    });
  }

  /** A bar of `symbol` has closed: what it says of rates is known from its close on. */
  note(symbol: number, bar: Pick<Bar, 'closeTimeMs' | 'close'>): void {
    for (const rate of this.#toldBy[symbol]!) rate.note(bar);
  }

  /**
   * A closed bar in the account's currency. Every rate that was told before its close has been noted. One that is
   * missing for a while is the last one that was known: `notes` tells.
   * @throws InputError where there has been no rate yet.
   */
  bar(symbol: number, bar: Bar): Bar {
    const rate = this.#rateOf[symbol] ?? null;
    if (rate === null) return bar;
    const open = bar.open * this.#at(rate, bar.openTimeMs);
    const value = this.#at(rate, bar.closeTimeMs);
    const close = bar.close * value;
    const high = Math.max(open, close, bar.high * value);
    return { ...bar, open, high, low: Math.min(open, close, bar.low * value), close };
  }

  /** @throws InputError for finer bars of a symbol that is converted, whose extremes would not be those of its bars. */
  requirePlain(fine: readonly (BarColumns | undefined)[] = []): void {
    const found = fine.find((bars, symbol) => bars !== undefined && this.#rateOf[symbol] !== null);
    if (found === undefined) return;
    throw new InputError(
      `${found.symbol} is converted to ${this.#account} bar by bar, and its finer bars are not`,
      'Leave finer bars out where symbols are quoted in another currency than the account.',
    );
  }

  /** Whole columns in the account's currency; rates are noted first. */
  columns(bars: readonly BarColumns[]): BarColumns[] {
    bars.forEach(({ length, closeTimeMs, close }, symbol) => {
      if (this.#toldBy[symbol]!.length === 0) return;
      for (let row = 0; row < length; row++) this.note(symbol, { closeTimeMs: closeTimeMs[row]!, close: close[row]! });
    });
    return bars.map((columns, symbol) => (this.#rateOf[symbol] === null ? columns : this.#converted(symbol, columns)));
  }

  #converted(symbol: number, bars: BarColumns): BarColumns {
    const converted = createBarColumns(bars.symbol, bars.length);
    const names = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
    for (let row = 0; row < bars.length; row++) {
      const bar = this.bar(symbol, barAt(bars, row));
      for (const name of names) converted[name][row] = bar[name];
    }
    return converted;
  }

  /** An action in the account's currency: a dividend at the rate known when it comes into effect. */
  action(event: CorporateActionEvent): CorporateActionEvent {
    const rate = this.#rateOf[event.symbol] ?? null;
    if (rate === null || event.action === 'split') return event;
    return { ...event, value: event.value * this.#at(rate, event.timeMs) };
  }

  #at(rate: ClosingRate, timeMs: number): number {
    const { value, closeTimeMs } = rate.before(timeMs);
    if (closeTimeMs > -Infinity) {
      rate.noteAge(closeTimeMs, timeMs);
      return value;
    }
    const { currency, symbol } = rate;
    throw new InputError(
      `there is no rate from ${currency} to ${this.#account} at ${isoDay(timeMs)}: ${symbol} gives it, and its bars begin later`,
      `Give ${symbol} bars from before the first bar that is converted, or begin later (data.from).`,
    );
  }
}

/** What a market has to know of rates; nothing where everything is in one currency. */
export function marketRates(currency: AccountCurrency | null): Pick<Market, 'rates' | 'rateAges' | 'rateNotes'> {
  if (currency === null) return { rates: undefined, rateAges: undefined, rateNotes: undefined };
  return { rates: currency.rates, rateAges: currency.rateAges, rateNotes: () => currency.notes() };
}

const isoDay = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

function atPar(currency: string): string {
  return DOLLARS.includes(currency) ? 'USD' : currency;
}
