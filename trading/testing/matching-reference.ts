import { DAY_MS, HOUR_MS } from '../../features/timeframe.ts';
import { START_MS, type Row } from './scripted-orders.ts';
import { big, exact, onTick, restate, times, type Plain } from './reference-risk.ts';
import { NOT_THERE, ReferenceDesk, type KillCommand } from './reference-desk.ts';
import { follow, good, heldValue, leftOf, pick, requestSplit, restatePrices } from './reference-book.ts';
import { chargeOf, payable, takenInBase } from './reference-costs.ts';

const dayOf = (closeMs: number): number => Math.floor((closeMs - 1) / DAY_MS);

/**
 * A slow and obvious venue and account: the sentences of the simulated venue's README as conditions, one list of
 * orders, whole numbers in place of floats. It shares no code with the engine.
 */
export class MatchingReference extends ReferenceDesk {
  /** Every bar, then the end. */
  run(): this {
    for (let hour = 0; hour < this.given.rows[0]!.length; hour++) this.bar(hour);
    for (const order of [...this.books.working]) this.end(order, 'cancelled', true);
    return this;
  }

  bar(hour: number): void {
    const bars = this.given.rows.map((rows) => rows[hour] ?? null);
    const present = bars.flatMap((bar, sym) => (bar === null ? [] : [{ bar, sym }]));
    if (present.length === 0) return;
    this.hour = hour;
    this.used = bars.map(() => 0);
    this.nowMs = START_MS + hour * HOUR_MS;
    for (const { sym } of present) this.takeActions(sym);
    for (const { sym } of present)
      for (const order of [...this.books.working]) if (order.sym === sym) this.heard(order);
    this.closingFirst(present, (order, bar) => this.atOpen(order, bar));
    this.arrive(this.pending.splice(0), null);
    this.nowMs += HOUR_MS;
    for (const { bar, sym } of present) this.closes[sym] = bar[3];
    for (const { bar, sym } of present) {
      const there = this.books.working.filter((one) => one.sym === sym && one.rank === NOT_THERE && this.rests(one));
      for (const order of there) order.rank = this.rank++;
      if (good(bar[0], bar[1], bar[2])) this.inside(sym, bar);
    }
    this.closingFirst(present, (order, bar) => this.atClose(order, bar));
    const caused = this.pending.splice(0);
    const cancels = this.mark(present);
    const todo: (() => void)[] = [];
    for (const { sym } of present) {
      this.show(sym);
      for (const action of this.given.actions[sym]![hour] ?? []) this.act(sym, action, todo);
    }
    const closings = this.flatten();
    this.arrive(caused, null);
    for (const order of cancels) this.ask(order, Infinity, null);
    for (const act of todo) act();
    this.arrive(closings, null);
    while (this.pending.length > 0) this.arrive(this.pending.splice(0), null);
    for (const command of this.given.commands) if (command.hour === hour) this.command(command.command);
  }

  /** What has been asked of an order and is there by now. */
  heard(order: Plain): void {
    while (order.coming.length > 0 && order.coming[0]!.atMs <= this.nowMs) this.hear(order, order.coming.shift()!);
  }

  closingFirst(present: readonly { bar: Row; sym: number }[], act: (order: Plain, bar: Row) => void): void {
    for (const reduces of [true, false]) {
      for (const { bar, sym } of present) {
        for (const order of this.books.working.filter((one) => one.sym === sym && one.reduces === reduces)) {
          if (order.atVenue && this.books.working.includes(order)) act(order, bar);
        }
      }
    }
  }

  hasArrived(placedMs: number): boolean {
    const { latencyMs } = this.given.costs;
    return latencyMs === 0 || START_MS + this.hour * HOUR_MS >= placedMs + latencyMs;
  }

  /** Arrived, and not past its time. */
  takesPart(order: Plain): boolean {
    const openMs = START_MS + this.hour * HOUR_MS;
    if (!this.hasArrived(order.placedMs)) return false;
    const { tif, expiresMs } = order.request;
    const day = dayOf(openMs + HOUR_MS);
    if (Number.isNaN(order.day)) order.day = day;
    if ((tif === 'day' && day !== order.day) || (tif === 'gtd' && openMs >= expiresMs!)) {
      this.end(order, 'cancelled');
      return false;
    }
    return true;
  }

  atOpen(order: Plain, [open]: Row): void {
    if (!this.takesPart(order) || !good(open)) return;
    const { type, tif = 'gtc', postOnly } = order.request;
    const price = exact(open);
    const nextDay = dayOf(START_MS + (this.hour + 1) * HOUR_MS) !== dayOf(order.decidedMs);
    const auction = tif === 'on-open' && nextDay;
    const atOnce = tif === 'ioc' || tif === 'fok' || auction;
    if (type === 'limit') {
      const takes = order.dir > 0 ? price <= order.price : price >= order.price;
      if (postOnly === true && order.fresh && takes) return this.end(order, 'cancelled');
      if (atOnce && takes) this.execute(order, price, { limit: order.price });
    } else if (type === 'market' || order.triggered) {
      if (tif === 'on-close' || (tif === 'on-open' && !nextDay)) return;
      if (this.waitsForClose(order)) return;
      this.execute(order, price, {});
    }
    if (atOnce && this.books.working.includes(order)) this.end(order, 'cancelled');
  }

  /** `next-close`: a market order without a condition. */
  waitsForClose({ request: { type, tif = 'gtc' }, triggered }: Plain): boolean {
    return this.given.costs.fill === 'next-close' && type === 'market' && tif === 'gtc' && !triggered;
  }

  atClose(order: Plain, bar: Row): void {
    const plain = this.waitsForClose(order);
    if ((order.request.tif !== 'on-close' && !plain) || !good(bar[3]) || !this.takesPart(order)) return;
    if (plain) return this.execute(order, exact(bar[3]), {});
    const closeMs = START_MS + (this.hour + 1) * HOUR_MS;
    if (dayOf(closeMs + HOUR_MS) === dayOf(closeMs)) return;
    const price = exact(bar[3]);
    const limit = order.request.type === 'limit' ? order.price : undefined;
    const takes = limit === undefined || (order.dir > 0 ? price <= limit : price >= limit);
    if (takes) this.execute(order, price, limit === undefined ? {} : { limit });
    if (this.books.working.includes(order)) this.end(order, 'cancelled');
  }

  rests({ request: { type, tif }, triggered, atVenue, placedMs }: Plain): boolean {
    if (!atVenue || type === 'market' || triggered) return false;
    if (!this.hasArrived(placedMs)) return false;
    return tif === undefined || tif === 'gtc' || tif === 'day' || tif === 'gtd';
  }

  inside(sym: number, bar: Row): void {
    const { costs } = this.given;
    const seen = new Set<Plain>();
    const back: Plain[] = [];
    const limits: Plain[] = [];
    const resting = (): Plain[] =>
      this.books.working
        .filter((one) => one.sym === sym && this.rests(one) && !seen.has(one))
        .sort((a, b) => a.rank - b.rank);
    for (let next = pick(resting(), bar, costs); next !== null; next = pick(resting(), bar, costs)) {
      const { order, price, gapped } = next;
      seen.add(order);
      if (!order.inside && !this.takesPart(order)) continue;
      const before = Math.abs(this.books.held[sym]!);
      const wasStop = order.request.type === 'stop-limit' && !order.limitNow;
      this.reach(order, bar, { price, gapped });
      (wasStop ? limits : back).push(order);
      if (Math.abs(this.books.held[sym]!) > before) this.arrive(this.pending.splice(0), { sym, price });
    }
    for (const order of [...back, ...limits]) order.rank = this.rank++;
    this.afterBar(sym, bar);
  }

  afterBar(sym: number, bar: Row): void {
    for (const order of this.books.working.filter((one) => one.sym === sym && one.atVenue)) {
      if (this.rests(order)) for (const side of ['high', 'low'] as const) follow([order], bar, side);
      order.inside = false;
      if (this.hasArrived(order.placedMs)) order.fresh = false;
    }
  }

  reach(order: Plain, [, high, low]: Row, { price, gapped }: { price: bigint; gapped: boolean }): void {
    const { type } = order.request;
    if (type === 'limit' || order.limitNow) {
      this.execute(order, price, { exact: true, maker: !(gapped && order.fresh) });
      return;
    }
    if (type !== 'stop-limit') {
      this.execute(order, price, {});
      if (this.books.working.includes(order)) order.triggered = true;
      return;
    }
    const { limit } = order;
    order.limitNow = true;
    order.level = limit;
    const within = order.dir > 0 ? price <= limit : price >= limit;
    const comesBack = gapped && (order.dir > 0 ? exact(low) <= limit : exact(high) >= limit);
    if (within) this.execute(order, price, { limit });
    else if (comesBack) this.execute(order, limit, { exact: true, maker: true });
  }

  execute(order: Plain, at: bigint, how: { limit?: bigint; exact?: boolean; maker?: boolean }): void {
    const { books } = this;
    const { costs } = this.given;
    const { sym, dir, request } = order;
    const held = books.held[sym]!;
    const closable = held * dir < 0 ? Math.abs(held) : 0;
    const only = order.reduces || request.reduceOnly === true;
    const asked = only ? Math.min(leftOf(order), closable) : leftOf(order);
    if (only && asked === 0) return this.end(order, 'cancelled');
    const volume = this.given.rows[sym]![this.hour]![4] ?? 1_000;
    const cap = costs.volumePercent === null ? Infinity : Math.floor((volume * costs.volumePercent) / 100);
    const there = Math.max(0, cap - this.used[sym]!);
    if (there === 0 || (request.tif === 'fok' && there < asked)) return;
    const most = Math.min(asked, there);
    let price = at;
    if (how.exact !== true && costs.concessionBps > 0) {
      const worse = (at * (10_000n + big(dir * costs.concessionBps))) / 10_000n;
      price = onTick(at, true) === at ? onTick(worse, dir > 0) : worse;
      if (how.limit !== undefined && (dir > 0 ? price > how.limit : price < how.limit)) price = how.limit;
    }
    const closing = Math.min(most, closable);
    const opening = payable(books, { sym, price, dir, wanted: most - closing }, costs);
    if (request.tif === 'fok' && closing + opening < most) return;
    const units = closing + opening;
    const trade = { units, price, maker: how.maker === true, traded: books.traded };
    const taken = units > 0 ? takenInBase(order, trade, costs) : 0;
    if (units > 0 && taken >= units) return this.end(order, 'cancelled');
    order.left -= units;
    for (const one of order.coming) one.left -= units;
    this.used[sym]! += units;
    const unpaid = opening < most - closing;
    const done = !unpaid && (leftOf(order) === 0 || (only && units === closable));
    if (units > 0) this.book(order, { units, price, maker: how.maker === true, done });
    if (unpaid) this.end(order, 'cancelled');
    else if (done) this.end(order, 'filled');
  }

  book(order: Plain, { units, price, maker }: { units: number; price: bigint; maker: boolean; done: boolean }): void {
    const { books } = this;
    const { costs } = this.given;
    const trade = { units, price, maker, traded: books.traded };
    const less = takenInBase(order, trade, costs);
    const charged = chargeOf(order, trade, costs);
    books.traded += big(units) * price;
    const [got, fee] = [units - less, less > 0 ? big(less) * price : charged];
    const limit = order.request.type === 'limit' ? order.price : order.limit;
    const bar = this.given.rows[order.sym]![this.hour]!;
    const at = { sym: order.sym, seq: order.seq, timeMs: this.nowMs };
    this.fills.push({ ...at, units: order.dir * got, price, fee, bar, limit, dir: order.dir });
    books.cash -= big(order.dir * got) * price + fee;
    books.held[order.sym]! += order.dir * got;
    Object.assign(order, { filled: order.filled + got, tradedAt: price });
    const closed = Math.min(order.exit, got);
    order.exit -= closed;
    order.opening = Math.max(0, order.opening - (got - closed));
    restate(books, order.sym);
  }

  mark(present: readonly { bar: Row; sym: number }[]): Plain[] {
    const { books } = this;
    const { drawdownPermille } = this.given.limits;
    for (const { bar, sym } of present) if (good(bar[3])) books.mark[sym] = exact(bar[3]);
    books.equity = books.held.reduce((sum, units, sym) => sum + big(units) * books.mark[sym]!, books.cash);
    this.marks.push({ equity: books.equity, gross: heldValue(books) });
    if (books.equity > books.peak) books.peak = books.equity;
    if (drawdownPermille === null || books.state !== 'run') return [];
    if ((books.peak - books.equity) * 1000n < big(drawdownPermille) * books.peak) return [];
    books.state = 'halt';
    return this.stop('openings');
  }

  /** Drops what waits, and names what is to be cancelled. */
  stop(which: 'openings' | 'all'): Plain[] {
    const cancels: Plain[] = [];
    this.own.forEach((own, sym) => {
      for (const [label, { order, request }] of [...own]) {
        if (order !== null) {
          if (which === 'all' || !order.onlyReduces) cancels.push(order);
        } else if (which === 'all' || request.reduceOnly !== true) {
          own.delete(label);
          this.drop(sym, label);
        }
      }
    });
    return cancels;
  }

  /** An operator's command between bars. */
  command(command: KillCommand): void {
    const { books } = this;
    books.state = command === 'resume' ? 'run' : command;
    if (command === 'resume') {
      books.peak = books.equity;
      return;
    }
    const cancels = this.stop(command === 'flatten' ? 'all' : 'openings');
    if (command !== 'halt') cancels.push(...books.working.filter((one) => one.own === false));
    const closings = this.flatten();
    for (const order of cancels) this.ask(order, Infinity, null);
    this.arrive(closings, null);
    while (this.pending.length > 0) this.arrive(this.pending.splice(0), null);
  }

  /** Orders that close what is open and has none yet. */
  flatten(): Plain[] {
    const { books } = this;
    if (books.state !== 'flatten') return [];
    return books.held.flatMap((units, sym) => {
      if (units === 0 || this.closing.has(sym)) return [];
      this.closing.add(sym);
      return [this.closeOut(sym)];
    });
  }

  /** What has come into effect by the first bar since, in the order of its time. */
  takeActions(sym: number): void {
    const { split, dividends } = this.given;
    const splits = split !== null && sym === 0 ? [split] : [];
    const due = [...splits, ...dividends.filter((one) => one.sym === sym)].filter(
      (one) => one.hour <= this.hour && !this.taken.has(one),
    );
    for (const one of due.sort((a, b) => a.hour - b.hour)) {
      this.taken.add(one);
      if ('ratio' in one) this.split(one.ratio);
      if (!('value' in one)) continue;
      // What is held is paid, and worth so much less.
      const [value, mark] = [exact(one.value), this.books.mark[sym]!];
      this.books.cash += big(this.books.held[sym]!) * value;
      this.books.mark[sym] = mark > value ? mark - value : 0n;
    }
  }

  /** Symbol 0 is restated: what is held, what works and what waits. */
  split(ratio: number): void {
    const { books } = this;
    const by = (price: bigint): bigint => (price * 20n) / big(Math.round(20 * ratio));
    books.mark[0] = by(books.mark[0]!);
    const whole = books.held[0]! * ratio;
    books.held[0] = Math.trunc(whole);
    books.cash += times(books.mark[0], whole - books.held[0]);
    for (const own of this.own[0]!.values()) own.request = requestSplit(own.request, ratio);
    for (const order of [...books.working].filter(({ sym }) => sym === 0)) {
      const { ordered, filled, exit, opening } = order;
      restatePrices(order, order, by);
      order.start = onTick(by(order.start), order.request.type === 'limit' ? order.dir < 0 : order.dir > 0);
      order.request = requestSplit(order.request, ratio);
      order.valued = by(order.valued);
      order.tradedAt = order.tradedAt === null ? null : by(order.tradedAt);
      for (const one of order.coming) {
        one.left = Math.floor(one.left * ratio);
        if (one.becomes === null) continue;
        restatePrices(one.becomes, order, by);
        one.becomes.request = requestSplit(one.becomes.request, ratio);
      }
      Object.assign(order, {
        ordered: ordered * ratio,
        filled: filled * ratio,
        exit: exit * ratio,
        opening: opening * ratio,
      });
      order.left = Math.floor(order.left * ratio);
    }
    for (const order of [...books.working]) if (leftOf(order) === 0) this.end(order, 'cancelled');
  }
}
