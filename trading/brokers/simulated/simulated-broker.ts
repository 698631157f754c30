import type { BarRange, HistoricalBroker, MakeBroker, Report } from '../broker.ts';
import type { CommissionSchedule } from './commission.ts';
import { CostModel, costsOf, type Costs } from './cost-model.ts';
import { utcDayOfClose } from '../../../pipelines/calendars/day.ts';
import type { ExtendedHours } from '../../../pipelines/calendars/extended-hours.ts';
import type { CorporateActionEvent, Instruction } from '../../effect.ts';
import type { Market, MarketStep } from '../../market.ts';
import type { Account } from '../../portfolio/portfolio.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import { Settlement } from './settlement.ts';
import { VenueOrders } from './venue-orders.ts';
import { rulebookOf, type VenueRulebook } from './rules/venue-rules.ts';
import { isApprovedOrder, type ApprovedBefore, type ApprovedOrder } from '../../orders/approved-order.ts';

interface Kept {
  readonly working: readonly (ApprovedOrder | null)[];
  readonly venue: ReturnType<VenueOrders['save']>;
  readonly commission: ReturnType<CommissionSchedule['save']>;
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
  readonly settle: HistoricalBroker['settle'];
  readonly #market: Market;
  readonly #fillKind: MarketStep['kind'];
  readonly #settlement: Settlement;
  /** Share of the value that every execution costs, where that is all that is charged and a bar fills any size. */
  readonly #plainRate: number | null;
  readonly #working: (ApprovedOrder | null)[];
  #workingCount = 0;
  readonly #venue: VenueOrders;
  readonly #rules: VenueRulebook | null;
  readonly #commission: CommissionSchedule;
  readonly #extended: ExtendedHours | undefined;

  constructor(options: {
    market: Market;
    account: Account;
    costs: Costs;
    dayOf?: ((closeTimeMs: number) => number) | undefined;
    endsDay?: ((openTimeMs: number, closeTimeMs: number) => boolean) | undefined;
    extended?: ExtendedHours | undefined;
  }) {
    const { market, account, costs, dayOf = utcDayOfClose, endsDay, extended } = options;
    const cost = new CostModel(costs, market);
    this.#market = market;
    this.#commission = cost.commission;
    this.#fillKind = costs.fill === 'next-open' ? 'open' : 'close';
    this.#settlement = new Settlement(market, account, cost);
    this.#working = market.instruments.map(() => null);
    this.#rules = rulebookOf(market, account);
    const hours = { dayOf, endsDay, extended };
    const parts = { market, account, costs, cost, settlement: this.#settlement, rules: this.#rules, ...hours };
    this.#venue = new VenueOrders(parts);
    this.#extended = extended;
    this.settle = costs.fill === 'same-close' ? (step, report) => this.#settle(step, report) : undefined;
    const whole = (costs.participation ?? Infinity) === Infinity && (costs.latencyMs ?? 0) === 0;
    this.#plainRate = whole ? cost.commission.flatRate : null;
  }

  /** An order waits for the market's opens. */
  get waiting(): boolean {
    return this.#workingCount > 0 || this.#venue.watching;
  }

  get idle(): boolean {
    return this.#workingCount === 0 && this.#venue.count === 0;
  }

  untouchedUntil(rows: BarRange): number {
    return this.#workingCount > 0 ? rows.from : this.#venue.untouchedUntil(rows);
  }

  /** Takes an order; it is filled when the next bar of its symbol allows. */
  submit(order: ApprovedOrder, _clientOrderId: string, report: Report): void {
    if (!isApprovedOrder(order)) throw new TypeError('the broker was handed an order that risk did not approve');
    if (this.#rules?.refuses(order, report) === true) return;
    if (order.terms !== null || this.#plainRate === null) {
      if (!this.#venue.has(order)) this.#venue.submit(order);
      return;
    }
    if (this.#working[order.symbol]?.sequence === order.sequence) return;
    if (this.#working[order.symbol] !== null) throw new Error(`symbol ${order.symbol} already has a working order`);
    this.#working[order.symbol] = order;
    this.#workingCount += 1;
  }

  cancel(sequence: number, timeMs: number, report: Report): void {
    const order = this.#working.find((working) => working?.sequence === sequence);
    if (order === undefined || order === null) return this.#venue.cancel(sequence, timeMs, report);
    this.#remove(order);
    report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code: null, value: 0, limit: 0 });
  }

  amend(order: ApprovedOrder, timeMs: number, report: Report): void {
    if (!isApprovedOrder(order)) throw new TypeError('the broker was handed an order that risk did not approve');
    this.#venue.amend(order, timeMs, report);
  }

  /** What a bar's range reaches is filled before what its close fills. */
  onMarket(step: MarketStep, report: Report, caused: () => readonly Instruction[]): void {
    if (this.#venue.count > 0) {
      if (step.kind === 'close') this.#venue.atClose(step, { report, caused });
      else if (this.#venue.watching) this.#venue.atOpen(step, report);
    }
    if (this.#workingCount > 0) this.#fillWorking(step, report);
  }

  /** Fills at the close that was decided on, as no real venue can. */
  #settle(step: MarketStep, report: Report): boolean {
    if (step.kind !== 'close' || this.idle) return false;
    if (this.#workingCount > 0) this.#fillWorking(step, report);
    if (this.#venue.watching) this.#venue.settle(step, report);
    return true;
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
      // One given while a bar is under way takes no price from before.
      if (order === null || order.timeMs > step.timeMs) continue;
      if (this.#extended !== undefined && !this.#isRegular(this.#extended, order.symbol, step.index[entry]!)) continue;
      if (closing === null || order.reduces === closing) this.#execute(order, step, step.index[entry]!, report);
    }
  }

  /** What takes the next price takes it in regular hours. */
  #isRegular(hours: ExtendedHours, symbol: number, index: number): boolean {
    return hours.isRegular(this.#market.series[symbol]!.bars.openTimeMs[index]!);
  }

  /**
   * An order that works through a split is the same one in new units; one that is less than a lot then is cancelled.
   */
  onAction({ symbol, action, value, timeMs }: CorporateActionEvent, report: Report): void {
    if (action !== 'split') return;
    if (this.#venue.count > 0) this.#venue.split(symbol, value, { timeMs, report });
    const order = this.#working[symbol];
    if (order === null || order === undefined) return;
    const restated = order.afterSplit(value, this.#settlement.lots[symbol]!, null);
    if (restated.quantity !== 0 || restated.fraction > 0) {
      this.#working[symbol] = restated;
      return;
    }
    const { sequence, quantity } = order;
    const asked = Math.abs(quantity) * value;
    this.#remove(order);
    const limit = this.#settlement.lots[symbol]!.step;
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
    this.#venue.expire(timeMs, report);
  }

  #execute(order: ApprovedOrder, step: MarketStep, index: number, report: Report): void {
    const { symbol, sequence } = order;
    const { bars } = this.#market.series[symbol]!;
    const reference = step.kind === 'open' ? bars.open[index]! : bars.close[index]!;
    // A bar without a price cannot fill: the order waits for the next one.
    if (!(reference > 0 && reference < Infinity)) return;
    const shortfall = this.#settlement.resolve(order, index, reference);
    // Nobody buys at nothing: what closes waits for a bar that can take it, what opens is cancelled.
    if (shortfall?.code === 'no-market' && order.reduces) return;
    const { quantity, price } = this.#settlement;
    const { timeMs } = step;
    this.#remove(order);
    if (quantity !== 0) {
      const size = quantity < 0 ? -quantity : quantity;
      const fee = size * price * this.#plainRate!;
      const slippage = quantity * (price - reference);
      const final = shortfall === null;
      report({ kind: 'fill', sequence, timeMs, symbol, quantity, price, fee, slippage, final });
    }
    if (shortfall !== null) {
      const { code, asked, limit } = shortfall;
      report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code, value: asked, limit });
    }
  }

  #remove(order: ApprovedOrder): void {
    this.#working[order.symbol] = null;
    this.#workingCount -= 1;
  }

  /** All that rests, works and is on its way, as JSON. */
  save(): Plain {
    return toPlain(this.#kept());
  }

  #kept(): Kept {
    return { working: this.#working, venue: this.#venue.save(), commission: this.#commission.save() };
  }

  /** Takes up what one of the same options saved. @throws TypeError for orders that were not approved. */
  restore(state: Plain, approved: ApprovedBefore): void {
    const { working, venue, commission } = fromPlain(state) as Kept;
    working.forEach((order, symbol) => {
      if (order === null) return;
      this.#working[symbol] = approved(order);
      this.#workingCount += 1;
    });
    this.#venue.restore(venue, approved);
    this.#commission.restore(commission);
  }
}

/** Makes a simulated broker for each session that is run with it. No costs and the next open, but for what is named. */
export function simulatedBroker(costs: Partial<Costs> = {}): MakeBroker<SimulatedBroker> {
  const whole = costsOf(costs);
  return (session) => new SimulatedBroker({ ...session, costs: whole });
}
