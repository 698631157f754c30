import { FineBars, pricesAt, type BarPrices } from '../../fine-bars.ts';
import type { MarketStep } from '../../market.ts';
import type { ApprovedBefore, ApprovedOrder } from '../../orders/approved-order.ts';
import type { BarRange, Report } from '../broker.ts';
import { Executor, howTriggered, TAKER, type At, type How, type Told, type VenueParts } from './executor.ts';
import { InTransit } from './in-transit.ts';
import { restingRules, RestingOrders, type Resting, type Touched } from './resting-orders.ts';
import type { Shortfall } from './settlement.ts';
import { closingFirst, VenueTime } from './venue-time.ts';
import {
  conditionsOf,
  isMoved,
  leftOf,
  othersOfGroup,
  rests,
  splitWork,
  takesAnyPrice,
  workOf,
  type Coming,
  type Work,
} from './work.ts';
import { Works } from './works.ts';

/**
 * Orders with terms at a simulated venue: those that rest until a price is reached, those that wait for an open or a
 * close, and those whose time runs out. What is done, and under which name, is in this folder's README.
 */
export class VenueOrders {
  readonly #parts: VenueParts;
  readonly #resting: RestingOrders;
  readonly #all: Works;
  /** Those of each symbol, in the order in which they came. */
  readonly #works: Works['bySymbol'];
  readonly #transit: InTransit;
  readonly #time: VenueTime;
  readonly #executor: Executor;
  readonly #fine: FineBars;
  /** By symbol the price in a bar at which a fill triggers orders, while it does. */
  #inside: number[] = [];

  constructor(parts: VenueParts) {
    const symbols = parts.market.instruments.length;
    this.#parts = parts;
    this.#resting = new RestingOrders(symbols, restingRules(parts.costs), parts.settlement.ticks);
    this.#all = new Works(symbols);
    this.#works = this.#all.bySymbol;
    this.#transit = new InTransit(parts.costs.latencyMs ?? 0);
    this.#time = new VenueTime(parts, this.#transit.latencyMs);
    this.#executor = new Executor(parts);
    this.#fine = new FineBars(parts.market);
  }

  /** Orders that rest or wait. */
  get count(): number {
    return this.#all.count;
  }

  /** Some order has to see the opens of bars. */
  get watching(): boolean {
    return this.#all.watched.size > 0 || !this.#transit.isEmpty;
  }

  /** Of the only symbol: the first bar of `rows` at which an order may be more than there. */
  untouchedUntil(rows: BarRange): number {
    if (this.watching || this.#all.count !== this.#resting.count) return rows.from;
    return this.#resting.untouchedUntil(this.#parts.market.series[0]!.bars, rows);
  }

  has(order: ApprovedOrder): boolean {
    return this.#all.has(order);
  }

  submit(order: ApprovedOrder): void {
    this.#all.add(workOf(order, this.#transit.latencyMs));
    if (this.#transit.latencyMs === 0 && rests(order)) this.#resting.add(order, this.#inside[order.symbol]);
  }

  cancel(sequence: number, timeMs: number, report: Report): void {
    const work = this.#all.find(sequence);
    if (work !== undefined) this.#ask(work, null, timeMs, report);
  }

  /** The order takes new terms and a new size, and keeps what was executed of it. */
  amend(order: ApprovedOrder, timeMs: number, report: Report): void {
    const work = this.#works[order.symbol]!.get(order.sequence);
    // Filled or cancelled meanwhile: that report has said so.
    if (work !== undefined) this.#ask(work, order, timeMs, report);
  }

  /** Done at once, or on its way. */
  #ask(work: Work, order: ApprovedOrder | null, timeMs: number, report: Report): void {
    const coming = this.#transit.send(work, order, timeMs);
    if (coming !== null) this.#do(work, coming, timeMs, report);
  }

  #do(work: Work, { order, left }: Coming, timeMs: number, report: Report): void {
    if (order === null) return this.#end(work, timeMs, report);
    work.fresh ||= isMoved(work.order, order);
    work.order = order;
    work.left = left;
    this.#resting.replace(order);
    const { sequence } = order;
    report({ kind: 'order-update', sequence, timeMs, state: 'ACCEPTED', code: null, value: 0, limit: 0 });
  }

  /** What has reached the venue by the opens of bars takes effect. */
  #arrivals(step: MarketStep, report: Report): void {
    for (let entry = 0; entry < step.count; entry++) {
      const openMs = this.#time.opensMs({ symbol: step.symbols[entry]!, index: step.index[entry]! });
      for (const work of this.#works[step.symbols[entry]!]!.values()) {
        for (const coming of this.#transit.arrived(work, openMs)) this.#do(work, coming, step.timeMs, report);
      }
    }
  }

  /** A split restates what works; what is less than a lot then is cancelled. */
  split(symbol: number, ratio: number, at: { readonly timeMs: number; readonly report: Report }): void {
    const { settlement } = this.#parts;
    const [lots, ticks] = [settlement.lots[symbol]!, settlement.ticks[symbol] ?? null];
    this.#resting.restate(symbol, ratio, lots);
    for (const work of [...this.#works[symbol]!.values()]) {
      const asked = leftOf(work) * ratio;
      splitWork(work, ratio, { lots, ticks });
      if (leftOf(work) > 0) continue;
      const why = work.order.reduces ? null : ({ code: 'below-lot', asked, limit: lots.step } as const);
      this.#end(work, at.timeMs, at.report, why);
    }
  }

  /** The session is over. That an order to close was not needed is no refusal. */
  expire(timeMs: number, report: Report): void {
    for (const works of this.#works) {
      for (const work of [...works.values()]) {
        const waited = work.order.terms === null || !work.order.reduces;
        this.#end(work, timeMs, report, waited ? { code: 'expired', asked: 0, limit: 0 } : null);
      }
    }
  }

  /** Bars open: what takes an open or may not outlive it is looked at, what closes before what opens. */
  atOpen(step: MarketStep, report: Report): void {
    if (!this.#transit.isEmpty) this.#arrivals(step, report);
    closingFirst(step, this.#works, (work, at) => {
      this.#opens(work, at, this.#parts.market.series[at.symbol]!.bars.open[at.index]!, report);
    });
  }

  #opens(work: Work, at: At, open: number, report: Report): void {
    if (!this.#takesPart(work, at, report)) return;
    const { order } = work;
    if (!(open > 0 && open < Infinity)) return;
    const { tif, postOnly } = conditionsOf(order);
    if (order.terms !== null && order.terms.type === 'limit') {
      const limit = order.terms.price;
      const marketable = order.direction > 0 ? open <= limit : open >= limit;
      if (postOnly && work.fresh && marketable) {
        return this.#end(work, at.timeMs, report, { code: 'post-only', asked: open, limit });
      }
      const once = tif === 'ioc' || tif === 'fok' || (tif === 'on-open' && this.#time.isNextDay(work, at));
      if (!once) return;
      if (marketable) this.#execute(work, at, { reference: open, ...TAKER, limit }, report);
      this.#endRest(work, at.timeMs, report);
      return;
    }
    const market = order.terms === null || order.terms.type === 'market' || work.triggered;
    if (!market || tif === 'on-close') return;
    if (tif === 'on-open' && !this.#time.isNextDay(work, at)) return;
    // Without a condition it takes the price that signals' orders take.
    if (tif === 'gtc' && this.#parts.costs.fill !== 'next-open' && !work.triggered) return;
    this.#execute(work, at, { reference: open, ...TAKER }, report);
    if (tif === 'ioc' || tif === 'fok' || tif === 'on-open') this.#endRest(work, at.timeMs, report);
  }

  /** False where the order has not arrived yet, or its time is over, which is reported. */
  #takesPart(work: Work, at: At, report: Report): boolean {
    if (!this.#time.hasArrived(work, at)) return false;
    const works = this.#time.works(work.order, at);
    if (works ? !this.#time.isOver(work, at) : !this.#time.isAfterItsDay(work, at)) return works;
    this.#end(work, at.timeMs, report, { code: 'time-in-force', asked: 0, limit: 0 });
    return false;
  }

  /** Every order decided at this close is here: one that takes whatever price there is has the close's. */
  settle(step: MarketStep, report: Report): void {
    closingFirst(step, this.#works, (work, at) => {
      const reference = this.#parts.market.series[at.symbol]!.bars.close[at.index]!;
      if (!takesAnyPrice(work.order) || !(reference > 0) || !this.#takesPart(work, at, report)) return;
      this.#execute(work, at, { reference, ...TAKER }, report);
      const { tif } = conditionsOf(work.order);
      if (tif === 'ioc' || tif === 'fok') this.#endRest(work, at.timeMs, report);
    });
  }

  /**
   * Bars have closed: what their ranges reach, and what waits for a close. What a fill triggers is taken up at once.
   */
  atClose(step: MarketStep, told: Told): void {
    for (let entry = 0; entry < step.count; entry++) {
      const at = { timeMs: step.timeMs, symbol: step.symbols[entry]!, index: step.index[entry]! };
      if (this.#works[at.symbol]!.size === 0) continue;
      if (this.#transit.latencyMs > 0) this.#arrive(at);
      const bar = pricesAt(this.#parts.market.series[at.symbol]!.bars, at.index);
      // A bar without prices reaches nothing.
      if (bar === null) continue;
      const inside = this.#resting.asksForPath(at.symbol, bar) ? this.#fine.within(at) : null;
      for (const prices of inside ?? [bar]) this.#pass(at, prices, told);
    }
    if (this.#all.watched.size > 0) closingFirst(step, this.#works, (work, at) => this.#closes(work, at, told.report));
  }

  /** A bar, or a finer one inside it, has gone by. */
  #pass(at: At, bar: BarPrices, told: Told): void {
    if (this.#resting.isTouched(at.symbol, bar)) this.#fillTouched(at, bar, told);
    this.#resting.follow(at.symbol, bar, this.#time.isRegular(at));
    // Orders that were there in this bar are new no longer.
    for (const work of this.#works[at.symbol]!.values()) if (this.#time.hasArrived(work, at)) work.fresh = false;
  }

  /** What has reached the market by the bar's open rests in it. */
  #arrive(at: At): void {
    for (const work of this.#works[at.symbol]!.values()) {
      const { order, triggered } = work;
      if (triggered || !rests(order) || !this.#time.hasArrived(work, at)) continue;
      if (!this.#resting.has(order.sequence, at.symbol)) this.#resting.add(order);
    }
  }

  #closes(work: Work, at: At, report: Report): void {
    const close = this.#parts.market.series[at.symbol]!.bars.close[at.index]!;
    if (!(close > 0 && close < Infinity)) return;
    const { order } = work;
    const { tif } = conditionsOf(order);
    const plain = order.terms === null || (order.terms.type === 'market' && tif === 'gtc');
    const atNextClose = plain && this.#parts.costs.fill !== 'next-open' && !work.triggered;
    if (!atNextClose && tif !== 'on-close') return;
    if (!this.#takesPart(work, at, report)) return;
    if (tif === 'on-close' && !this.#time.endsDay(at)) return;
    const limit = order.terms?.type === 'limit' ? order.terms.price : NaN;
    const good = Number.isNaN(limit) || (order.direction > 0 ? close <= limit : close >= limit);
    if (good) this.#execute(work, at, { reference: close, ...TAKER, limit }, report);
    if (tif === 'on-close') this.#endRest(work, at.timeMs, report);
  }

  #fillTouched(at: At, bar: BarPrices, { report, caused }: Told): void {
    const waiting: Resting[] = [];
    const limits: { order: ApprovedOrder; limit: number }[] = [];
    const works = this.#time.isRegular(at) ? null : (order: ApprovedOrder) => this.#time.works(order, at);
    const touch = (): Touched | null => this.#resting.touch(at.symbol, bar, works);
    for (let next = touch(); next !== null; next = touch()) {
      const { order } = next.resting;
      const work = this.#works[at.symbol]!.get(order.sequence)!;
      if (!next.resting.inside && !this.#takesPart(work, at, report)) {
        if (this.has(order)) waiting.push(next.resting);
        continue;
      }
      const before = this.#parts.account.quantity[at.symbol]!;
      const { done, rest } = this.#trigger(work, at, next, { report, caused, bar });
      if (rest !== null) limits.push({ order: work.order, limit: rest });
      else if (!done && this.has(order) && !work.triggered) waiting.push(next.resting);
      const opened = Math.abs(this.#parts.account.quantity[at.symbol]!) > Math.abs(before);
      if (opened) this.#react(at, next.price, { report, caused });
    }
    // Another of its group may have ended it meanwhile.
    for (const resting of waiting) if (this.has(resting.order)) this.#resting.putBack(resting);
    for (const { order, limit } of limits) if (this.has(order)) this.#resting.addLimit(order, limit);
  }

  /** What a fill inside a bar triggers is at the venue from there on, as a bracket's legs are. */
  #react(at: At, price: number, { report, caused }: Told): void {
    this.#inside[at.symbol] = price;
    for (const instruction of caused()) {
      if (instruction.kind === 'order') {
        if (this.#parts.rules?.refuses(instruction, report) !== true) this.submit(instruction);
      } else if (instruction.kind === 'cancel') this.cancel(instruction.sequence, at.timeMs, report);
      else this.amend(instruction.order, at.timeMs, report);
    }
    this.#inside = [];
  }

  /** @returns whether the order is done with this bar, and the limit at which a triggered stop-limit rests instead */
  #trigger(work: Work, at: At, next: Touched, told: Told & { bar: BarPrices }): { done: boolean; rest: number | null } {
    const { how, limit } = howTriggered(work, next, told.bar);
    const done = how !== null && this.#execute(work, at, how, told.report);
    if (limit === null) return { done, rest: null };
    const ended = !this.has(work.order);
    return { done: ended, rest: ended ? null : limit };
  }

  /** Executes what can be; true where nothing is left of the order. */
  #execute(work: Work, at: At, how: How, report: Report): boolean {
    const { order } = work;
    const outcome = this.#executor.execute(work, at, how, report);
    if (outcome.kind === 'ended') this.#end(work, at.timeMs, report, outcome.why);
    // What is left of a stop whose price was traded, be it all, takes the next opens.
    if (
      (outcome.kind === 'part' || outcome.kind === 'none') &&
      (order.terms?.type === 'stop' || order.terms?.type === 'trailing')
    ) {
      work.triggered = true;
      this.#all.watched.add(order.sequence);
    }
    if (outcome.kind !== 'whole') return outcome.kind === 'ended';
    this.#forget(work);
    for (const other of othersOfGroup(order, this.#works[order.symbol]!)) this.#end(other, at.timeMs, report);
    return true;
  }

  /** What could not be done at once is not done. */
  #endRest(work: Work, timeMs: number, report: Report): void {
    if (!this.has(work.order)) return;
    const left = leftOf(work);
    this.#end(work, timeMs, report, { code: 'not-immediate', asked: left === Infinity ? 0 : left, limit: 0 });
  }

  /** An order ends without another execution, for a reason where there is one. */
  #end(work: Work, timeMs: number, report: Report, why: Shortfall | null = null): void {
    this.#forget(work);
    const { sequence } = work.order;
    const [code, value, limit] = why === null ? [null, 0, 0] : [why.code, why.asked, why.limit];
    report({ kind: 'order-update', sequence, timeMs, state: 'CANCELED', code, value, limit });
  }

  #forget(work: Work): void {
    const { symbol, sequence } = work.order;
    if (!this.#all.delete(work.order)) return;
    this.#transit.forget(sequence);
    this.#resting.remove(sequence, symbol);
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return {
      works: this.#all.save(),
      resting: this.#resting.save(),
      executor: this.#executor.save(),
    };
  }

  /** Takes up what one of the same options has saved. */
  restore(state: ReturnType<VenueOrders['save']>, approved: ApprovedBefore): void {
    this.#transit.restore(this.#all.restore(state.works, approved));
    this.#resting.restore(state.resting, approved);
    this.#executor.restore(state.executor);
  }
}
