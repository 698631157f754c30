import { DAY_MS } from '../../features/timeframe.ts';
import type { Charge } from '../effect.ts';
import { requireKnownSymbols } from '../known-symbols.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';
import type { Financed, FinancingRule } from './financing-rule.ts';
import { RateByDay } from './yearly-rate.ts';

/**
 * Charges what was held over the end of a UTC day, at the first event of a later one and before that event does
 * anything: for each day from the last charge on (three over a weekend), at that day's rate, on the value at the last
 * mark. What is opened and closed within a day costs nothing.
 */
export class Financing {
  readonly #portfolio: Portfolio;
  readonly #borrow: readonly RateByDay[];
  readonly #funding: readonly RateByDay[];
  readonly #debit: RateByDay;
  readonly #credit: RateByDay;
  readonly #daysInYear: number;
  readonly #charged = { borrow: 0, funding: 0, interest: 0 };
  #day = Infinity;

  /** @throws InputError for a rate of a symbol that is not traded. */
  constructor(rule: FinancingRule, portfolio: Portfolio, symbols: readonly string[]) {
    const { borrow = 0, funding = 0, symbols: own = {} } = rule;
    const ownOf = (symbol: string) => (Object.hasOwn(own, symbol) ? own[symbol]! : {});
    requireKnownSymbols(symbols, Object.keys(own), 'costs.financing.symbols');
    this.#portfolio = portfolio;
    this.#borrow = symbols.map((symbol) => new RateByDay(ownOf(symbol).borrow ?? borrow));
    this.#funding = symbols.map((symbol) => new RateByDay(ownOf(symbol).funding ?? funding));
    this.#debit = new RateByDay(rule.debit ?? 0);
    this.#credit = new RateByDay(rule.credit ?? 0);
    this.#daysInYear = rule.daysInYear ?? 365;
  }

  get charged(): Financed {
    return { ...this.#charged };
  }

  /** Books what has come due by an event at `timeMs`, and tells of it. */
  accrue(timeMs: number, emit: (charge: Charge) => void): void {
    const today = Math.floor(timeMs / DAY_MS);
    const from = this.#day;
    if (today <= from) {
      // Before the first event nothing was held.
      if (from === Infinity) this.#day = today;
      return;
    }
    this.#day = today;
    const { open, quantity, price } = this.#portfolio;
    for (let at = 0; at < open.count; at++) {
      const symbol = open.symbols[at]!;
      const value = quantity[symbol]! * price[symbol]!;
      const held = { timeMs, symbol, days: today - from };
      if (value < 0)
        this.#charge('borrow', { ...held, base: -value, rates: this.#borrow[symbol]!.sum(from, today) }, emit);
      this.#charge('funding', { ...held, base: value, rates: this.#funding[symbol]!.sum(from, today) }, emit);
    }
    const { cash } = this.#portfolio;
    const rates = (cash < 0 ? this.#debit : this.#credit).sum(from, today);
    this.#charge('interest', { timeMs, symbol: 0, days: today - from, base: -cash, rates }, emit);
  }

  #charge(
    charge: keyof Financed,
    { rates, ...due }: Pick<Charge, 'timeMs' | 'symbol' | 'days' | 'base'> & { readonly rates: number },
    emit: (charge: Charge) => void,
  ): void {
    const cost = (due.base * rates) / this.#daysInYear;
    if (cost === 0) return;
    this.#charged[charge] += cost;
    this.#portfolio.takeCharge(charge === 'interest' ? null : due.symbol, cost);
    emit({ kind: 'charge', charge, ...due, rate: rates / due.days, cash: -cost });
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { charged: this.charged, day: this.#day };
  }

  /** Takes up what one of the same options has saved. */
  restore({ charged, day }: ReturnType<Financing['save']>): void {
    Object.assign(this.#charged, charged);
    this.#day = day;
  }
}
