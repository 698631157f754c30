import type { HistoricalBroker, MakeBroker, Report } from '../broker.ts';
import { CostModel, costsOf, type Costs } from './cost-model.ts';
import type { RefusalCode } from '../../refusal.ts';
import type { CorporateActionEvent } from '../../effect.ts';
import { Grid } from '../../grid.ts';
import { PriceGrid } from '../../price-grid.ts';
import type { Market, MarketStep } from '../../market.ts';
import type { Account } from '../../portfolio/portfolio.ts';
import { restingRules, RestingOrders, type TouchedBar } from './resting-orders.ts';
import { isApprovedOrder, type ApprovedOrder } from '../../orders/approved-order.ts';

/**
 * Share of the price that spread and slippage can take. Laws of slippage were measured on orders that a market can
 * take; of 10,000 times what a bar traded they ask for more than the price.
 */
const CONCESSION_MAX = 1;

/** What of an order was not executed, and why. */
interface Shortfall {
  readonly code: RefusalCode;
  readonly asked: number;
  readonly limit: number;
}

/**
 * Fills market orders from bars: at the next bar's open or close, plus half the spread and slippage, rounded to the
 * tick against the order. Not rounded: bars off the tick (adjusted for dividends), and instruments of unknown class,
 * whose tick is a guess that would double the price of a coin at 0.004. Orders that close go before orders that open at
 * the same moment, so that the cash they free is there. A symbol without a bar keeps its order working until it has
 * one; orders left at the end are cancelled. Nothing is bought on credit: what cash does not pay for is cancelled, with
 * a reason. Orders with terms rest, and are looked at when a bar has closed: see `resting-orders.ts`.
 */
export class SimulatedBroker implements HistoricalBroker {
  readonly #market: Market;
  readonly #account: Account;
  readonly #cost: CostModel;
  readonly #fillKind: MarketStep['kind'];
  readonly #ticks: readonly (PriceGrid | null)[];
  readonly #lots: readonly Grid[];
  readonly #working: (ApprovedOrder | null)[];
  #workingCount = 0;
  readonly #resting: RestingOrders;
  /** Size and price of the execution in hand: fields, because numbers in an object that is returned are boxed. */
  #quantity = 0;
  #executed = 0;

  constructor(options: { market: Market; account: Account; costs: Costs }) {
    const { market, account, costs } = options;
    this.#market = market;
    this.#account = account;
    this.#cost = new CostModel(costs, market);
    this.#fillKind = costs.fill === 'next-open' ? 'open' : 'close';
    this.#ticks = market.instruments.map((one) => (one.assetClass === 'unknown' ? null : new PriceGrid(one)));
    this.#lots = market.instruments.map((instrument) => new Grid(instrument.lot));
    this.#working = market.instruments.map(() => null);
    this.#resting = new RestingOrders(market.instruments.length, restingRules(costs));
  }

  /** An order waits for the market. */
  get waiting(): boolean {
    return this.#workingCount > 0;
  }

  get idle(): boolean {
    return this.#workingCount === 0 && this.#resting.count === 0;
  }

  /** Takes an order; it is filled when the next bar of its symbol allows. */
  submit(order: ApprovedOrder): void {
    if (!isApprovedOrder(order)) throw new TypeError('the broker was handed an order that risk did not approve');
    if (order.terms !== null) {
      if (!this.#resting.has(order.sequence, order.symbol)) this.#resting.add(order);
      return;
    }
    if (this.#working[order.symbol]?.sequence === order.sequence) return;
    if (this.#working[order.symbol] !== null) throw new Error(`symbol ${order.symbol} already has a working order`);
    this.#working[order.symbol] = order;
    this.#workingCount += 1;
  }

  cancel(sequence: number, timeMs: number, report: Report): void {
    const order = this.#working.find((working) => working?.sequence === sequence);
    if (order !== undefined && order !== null) this.#remove(order);
    else if (this.#resting.count === 0 || this.#resting.remove(sequence) === null) return;
    report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code: null, value: 0, limit: 0 });
  }

  onMarket(step: MarketStep, report: Report): void {
    if (this.#resting.count > 0 && step.kind === 'close') this.#touchResting(step, report);
    if (this.#workingCount > 0) this.#fillWorking(step, report);
  }

  /** What a bar's range reaches is filled before what its close fills. */
  #touchResting(step: MarketStep, report: Report): void {
    for (let entry = 0; entry < step.count; entry++) {
      const symbol = step.symbols[entry]!;
      const index = step.index[entry]!;
      const { bars } = this.#market.series[symbol]!;
      const bar = {
        open: bars.open[index]!,
        high: bars.high[index]!,
        low: bars.low[index]!,
        close: bars.close[index]!,
      };
      // A bar without prices reaches nothing.
      if (!(bar.low > 0 && bar.open >= bar.low && bar.high >= bar.open && bar.high < Infinity)) continue;
      if (this.#resting.isTouched(symbol, bar)) this.#fillTouched(symbol, { step, index, bar }, report);
      this.#resting.follow(symbol, bar);
    }
  }

  #fillTouched(symbol: number, at: { step: MarketStep; index: number; bar: TouchedBar }, report: Report): void {
    const { timeMs } = at.step;
    for (let next = this.#resting.touch(symbol, at.bar); next !== null; next = this.#resting.touch(symbol, at.bar)) {
      const { order, price: reference } = next;
      const held = Math.abs(this.#account.quantity[symbol]!);
      const { sequence } = order;
      // Never more than there is: what reduces must not open the other side.
      const quantity = order.direction * Math.min(Math.abs(order.quantity), held);
      const limited = order.terms!.type === 'limit';
      this.#executed = reference;
      if (!limited && this.#price(order, at.index, reference, Math.abs(quantity)) !== null) {
        // Nobody buys at nothing: it waits for a bar that can take it.
        this.#resting.add(order);
        return;
      }
      const price = this.#executed;
      const ended = this.#resting.removeGroup(order);
      const fee = Math.abs(quantity) * price * this.#cost.feeRate;
      const slippage = quantity * (price - reference);
      report({ kind: 'fill', sequence, timeMs, symbol, quantity, price, fee, slippage, final: true });
      for (const other of ended) cancelled(other, timeMs, report);
    }
  }

  /** Apart from `onMarket`, which is asked at every bar. */
  #fillWorking(step: MarketStep, report: Report): void {
    if (step.kind !== this.#fillKind) return;
    // A single order needs no second pass.
    if (this.#workingCount === 1) return this.#executeAll(step, null, report);
    this.#executeAll(step, true, report);
    this.#executeAll(step, false, report);
  }

  /** @param closing only orders that close, only those that do not, or (null) either */
  #executeAll(step: MarketStep, closing: boolean | null, report: Report): void {
    for (let entry = 0; entry < step.count; entry++) {
      const order = this.#working[step.symbols[entry]!]!;
      if (order === null) continue;
      if (closing === null || order.reduces === closing) this.#execute(order, step, step.index[entry]!, report);
    }
  }

  /**
   * An order that works through a split is the same one in new units; one that is less than a lot then is cancelled.
   */
  onAction({ symbol, action, value, timeMs }: CorporateActionEvent, report: Report): void {
    if (action !== 'split') return;
    if (this.#resting.count > 0) {
      for (const gone of this.#resting.restate(symbol, value, this.#lots[symbol]!)) cancelled(gone, timeMs, report);
    }
    const order = this.#working[symbol];
    if (order === null || order === undefined) return;
    const restated = order.afterSplit(value, this.#lots[symbol]!);
    if (restated.quantity !== 0 || restated.fraction > 0) {
      this.#working[symbol] = restated;
      return;
    }
    const { sequence, quantity } = order;
    const asked = Math.abs(quantity) * value;
    this.#remove(order);
    const limit = this.#lots[symbol]!.step;
    report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code: 'below-lot', value: asked, limit });
  }

  /** The session is over: it cancels its working orders. */
  expire(timeMs: number, report: Report): void {
    for (const order of this.#working) {
      if (order === null) continue;
      const { sequence } = order;
      this.#remove(order);
      report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code: 'expired', value: 0, limit: 0 });
    }
    // That a protective order was not needed is no refusal.
    for (const order of this.#resting.removeAll()) cancelled(order, timeMs, report);
  }

  #execute(order: ApprovedOrder, step: MarketStep, index: number, report: Report): void {
    const { symbol, sequence } = order;
    const { bars } = this.#market.series[symbol]!;
    const reference = step.kind === 'open' ? bars.open[index]! : bars.close[index]!;
    // A bar without a price cannot fill: the order waits for the next one.
    if (!(reference > 0 && reference < Infinity)) return;
    const shortfall = this.#resolve(order, index, reference);
    // Nobody buys at nothing: what closes waits for a bar that can take it, what opens is cancelled.
    if (shortfall?.code === 'no-market' && order.reduces) return;
    const quantity = this.#quantity;
    const price = this.#executed;
    const { timeMs } = step;
    this.#remove(order);
    if (quantity !== 0) {
      const size = quantity < 0 ? -quantity : quantity;
      const fee = size * price * this.#cost.feeRate;
      const slippage = quantity * (price - reference);
      const final = shortfall === null;
      report({ kind: 'fill', sequence, timeMs, symbol, quantity, price, fee, slippage, final });
    }
    if (shortfall !== null) {
      const { code, asked, limit } = shortfall;
      report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code, value: asked, limit });
    }
  }

  /** Sets the size and price of the execution; says what is missing to what was asked. */
  #resolve(order: ApprovedOrder, index: number, reference: number): Shortfall | null {
    const { symbol, direction } = order;
    if (order.reduces) {
      this.#quantity = order.quantity;
      return this.#price(order, index, reference, Math.abs(order.quantity));
    }
    const position = this.#account.quantity[symbol]!;
    const closing = position * direction < 0 ? Math.abs(position) : 0;
    const guess = order.fraction > 0 ? closing + this.#account.cash / reference : Math.abs(order.quantity);
    const beyond = this.#price(order, index, reference, guess);
    if (beyond !== null) {
      this.#quantity = 0;
      return beyond;
    }
    const price = this.#executed;
    const asked = order.fraction > 0 ? 0 : Math.abs(order.quantity) - closing;
    const budget = this.#budget(symbol, price);
    if (order.fraction > 0) {
      const money = Math.max(0, Math.min(order.fraction * budget.equity, budget.cash));
      const opening = this.#affordable(symbol, price, money);
      this.#quantity = direction * (closing + opening);
      if (opening > 0) return null;
      return { code: 'below-lot', asked: money / this.#each(price), limit: this.#lots[symbol]!.step };
    }
    const { feeRate } = this.#cost;
    const paid = asked * price * (1 + feeRate) <= budget.cash;
    const opening = paid ? asked : Math.min(asked, this.#affordable(symbol, price, budget.cash));
    this.#quantity = direction * (closing + opening);
    return opening < asked ? { code: 'cash', asked, limit: opening } : null;
  }

  /** Equity once the position of `symbol` has closed at `price`, and what of it is not tied up in other positions. */
  #budget(symbol: number, price: number): { equity: number; cash: number } {
    const { quantity, price: marks, cash, open } = this.#account;
    const held = quantity[symbol]!;
    const closed = cash + held * price - Math.abs(held) * price * this.#cost.feeRate;
    let net = 0;
    let gross = 0;
    for (let at = 0; at < open.count; at++) {
      const other = open.symbols[at]!;
      if (other === symbol) continue;
      const value = quantity[other]! * marks[other]!;
      net += value;
      gross += value < 0 ? -value : value;
    }
    return { equity: closed + net, cash: closed + net - gross };
  }

  /** Most lots whose price and fee `budget` pays for. */
  #affordable(symbol: number, price: number, budget: number): number {
    if (!(budget > 0)) return 0;
    return this.#lots[symbol]!.floor(budget / this.#each(price));
  }

  /** Cash that one unit takes. */
  #each(price: number): number {
    return price * (1 + this.#cost.feeRate);
  }

  /** Sets the price of the execution; says so where spread and slippage would leave nothing of it. */
  #price(order: ApprovedOrder, index: number, reference: number, units: number): Shortfall | null {
    const concession = this.#cost.concession(order.symbol, index, units);
    this.#executed = reference;
    if (concession === 0) return null;
    if (!(concession < CONCESSION_MAX)) return { code: 'no-market', asked: concession, limit: CONCESSION_MAX };
    const price = reference * (1 + order.direction * concession);
    this.#executed = this.#ticks[order.symbol]?.against(reference, price, order.direction) ?? price;
    return null;
  }

  #remove(order: ApprovedOrder): void {
    this.#working[order.symbol] = null;
    this.#workingCount -= 1;
  }
}

/** Makes a simulated broker for each session that is run with it. No costs and the next open, but for what is named. */
export function simulatedBroker(costs: Partial<Costs> = {}): MakeBroker<SimulatedBroker> {
  const whole = costsOf(costs);
  return ({ market, account }) => new SimulatedBroker({ market, account, costs: whole });
}

/** A resting order ends without an execution. */
function cancelled({ sequence }: ApprovedOrder, timeMs: number, report: Report): void {
  report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code: null, value: 0, limit: 0 });
}
