import type { RequestVerdict } from '../brokers/venue/request-verdict.ts';
import { Grid } from '../grid.ts';
import type { OrderState } from '../orders/order-state.ts';
import type { DayOrders } from './daily/day-orders.ts';
import type { EmulatedOrders } from './emulated/emulated-orders.ts';
import { endWhatIsDue } from './emulated/due-ends.ts';
import { keepHere } from './emulated/emulation.ts';
import { findNewest } from './find-order.ts';
import { waitsForOpen } from './watch/market-hours.ts';
import type { AttachedExits } from './exits/attached-exits.ts';
import { crowdOf } from './exits/pair-exits.ts';
import { isInDoubt } from './absent-order.ts';
import type { TrackedOrder } from './tracked-order.ts';
import type { DeskOptions } from './desk-options.ts';
import type { TrackedOrders } from './tracked-orders.ts';

/** Most waits between two tries are this long, in ms. */
const AGAIN_MAX_MS = 30_000;

/** The other of a pair is about to leave anew, too. */
const isAnew = (pair: TrackedOrder | null): boolean => pair?.leavesAnew === true && !pair.ended;

interface SenderParts {
  readonly attached: AttachedExits;
  readonly days: DayOrders;
  readonly emulated: EmulatedOrders;
}

/** What may leave: nothing until the venue agrees with the books, what protects while the database is away. */
export type MayLeave = 'nothing' | 'protective' | 'all';

/**
 * Sends orders, asks for them and cancels them. No order waits for the answer to another: but an exit waits until what
 * holds the same shares is proven to have ended, because the venue would refuse it.
 */
export class OrderSender {
  readonly #options: DeskOptions;
  readonly #orders: Pick<TrackedOrders, 'working' | 'attached' | 'isPast'>;
  readonly #attached: AttachedExits;
  readonly #days: DayOrders;
  readonly #emulated: EmulatedOrders;
  #leave: MayLeave = 'nothing';

  constructor(
    options: DeskOptions,
    orders: Pick<TrackedOrders, 'working' | 'attached' | 'isPast'>,
    { attached, days, emulated }: SenderParts,
  ) {
    this.#options = options;
    this.#attached = attached;
    this.#days = days;
    this.#emulated = emulated;
    this.#orders = orders;
  }

  act(nowMs: number, leave: MayLeave): void {
    const { working } = this.#orders;
    this.#leave = leave;
    this.#attached.takeOver(nowMs);
    if (leave !== 'nothing') this.#emulated.look(nowMs);
    for (const tracked of working) {
      if (tracked.leaving === 'held') {
        if (leave !== 'nothing') this.#hold(tracked, working, nowMs);
      } else if (tracked.leaving !== 'sending') this.#watch(tracked, nowMs);
    }
    if (leave !== 'nothing') this.#attached.tidy(nowMs);
  }

  /** What opens needs a record that outlasts this machine. */
  #mayGo({ order }: TrackedOrder): boolean {
    return this.#leave === 'all' || (this.#leave === 'protective' && order.reduces);
  }

  /** An order that has not left: it leaves, waits, or has ended without having left. */
  #hold(tracked: TrackedOrder, working: readonly TrackedOrder[], nowMs: number): void {
    if (tracked.cancelWanted) return this.#drop(tracked, 'it is wanted no more');
    if (this.#waits(tracked, nowMs)) return this.#tellWait(tracked);
    const { hours, patience } = this.#options;
    const isNew = !tracked.order.reduces && !tracked.isAnother;
    const isLate = isNew && hours.ageMs(tracked.order.timeMs, nowMs) > patience.openingMs;
    if (isLate) return this.#drop(tracked, 'an opening of a market that has moved on');
    if (nowMs < tracked.tryMs || !this.#mayGo(tracked)) return;
    if (this.#attached.meet(tracked, nowMs) || isAnew(tracked.pair)) return;
    if (tracked.pair !== null && !this.#isWhole(tracked)) tracked.unpair();
    if (tracked.isLeg) return;
    const crowd = crowdOf(tracked, working, this.#options);
    if (crowd !== null) return this.#drop(tracked, crowd, 'not-supported');
    if (this.#emulated.waits(tracked)) return;
    const others = working.filter((one) => one.symbol === tracked.symbol && one.sequence < tracked.sequence);
    const inTheWay = others.filter((one) => one.mayWork && (one.cancelWanted || one.side !== tracked.side));
    if (inTheWay.length > 0) {
      const waitsLong = hours.ageMs(tracked.sinceMs, nowMs) >= patience.armWithinMs;
      if (waitsLong && tracked.order.reduces) this.#clear(tracked, inTheWay);
      return;
    }
    const units = this.#unitsOf(tracked);
    if (units > 0) return this.#send(tracked, units, nowMs);
    tracked.cancelWanted = true;
    this.#drop(tracked, 'nothing is held that it could reduce');
  }

  /** It would be executed at the next price, and nothing of its symbol is traded now. */
  #waits(tracked: TrackedOrder, nowMs: number): boolean {
    const { hours, instruments } = this.#options;
    const isHere = tracked.leaving === 'held' && !tracked.cancelWanted;
    return isHere && waitsForOpen(tracked) && hours.isShut(instruments[tracked.symbol]!, nowMs);
  }

  #tellWait(tracked: TrackedOrder): void {
    if (tracked.shutIsTold) return;
    tracked.shutIsTold = true;
    const { instruments, note } = this.#options;
    note(`order ${tracked.sequence} (${instruments[tracked.symbol]!.symbol}) waits until the market opens`);
  }

  /** A stop that gives way to an exit stays where it is while that one waits for the market. */
  #stays({ order, symbol, side }: TrackedOrder, nowMs: number): boolean {
    if (!order.reduces || order.terms === null) return false;
    return this.#orders.working.some(
      (one) => one.symbol === symbol && one.side === side && one.order.reduces && this.#waits(one, nowMs),
    );
  }

  /** Nothing is under way with it: it rests at the venue, or waits for the market. */
  rests(tracked: TrackedOrder, nowMs: number): boolean {
    const { leaving, state, cancelWanted } = tracked;
    if (this.#waits(tracked, nowMs)) return true;
    if (leaving === 'held' && !cancelWanted && this.#emulated.waits(tracked)) return true;
    if (tracked.emulation.parking === 'asked') return false;
    if (tracked.anew || (tracked.legName !== null && tracked.restating !== 'none')) return false;
    return (
      leaving === 'sent' &&
      (state === 'ACCEPTED' || state === 'PARTIALLY_FILLED') &&
      (!cancelWanted || this.#stays(tracked, nowMs))
    );
  }

  /** Both of a pair are still here to leave together. */
  #isWhole({ pair, leaving, sent }: TrackedOrder): boolean {
    return pair!.leaving === leaving && pair!.sent === sent && !pair!.cancelWanted && !pair!.ended;
  }

  /** It is proven that it has not left, and it will not. */
  #drop(tracked: TrackedOrder, words: string, name: 'not-sent' | 'not-supported' = 'not-sent'): void {
    tracked.unpair();
    tracked.leaving = 'sending';
    const { sequence } = tracked;
    this.#options.post({ kind: 'verdict', sequence, of: 'submit', verdict: { result: 'refused', name, words } });
  }

  /** What is left of entries keeps the position without its exit: it is cancelled. What is being cancelled is told. */
  #clear(exit: TrackedOrder, inTheWay: readonly TrackedOrder[]): void {
    for (const other of inTheWay) other.cancelWanted = true;
    if (exit.waitIsTold) return;
    exit.waitIsTold = true;
    const names = inTheWay.map(({ sequence }) => sequence).join(', ');
    this.#options.note(`order ${exit.sequence}, an exit, waits until order ${names} is proven to have ended`);
  }

  /**
   * Units to send, without a sign: an exit closes at most what is held, and what turns a position closes it first where
   * the venue does not do both in one order.
   */
  #unitsOf({ order, symbol, side, earlier, turned }: TrackedOrder): number {
    const wanted = Math.abs(order.quantity) - earlier;
    const held = Math.max(0, -side * this.#options.positionOf(symbol));
    const opens = !order.reduces && (turned || held === 0 || this.#options.broker.capabilities.turnsInOneOrder);
    if (opens || wanted <= held) return wanted;
    return new Grid(this.#options.instruments[symbol]!.lot).floor(held * (1 + 1e-12));
  }

  #send(tracked: TrackedOrder, quantity: number, nowMs: number): void {
    const { broker, instruments, post, onStep } = this.#options;
    const { sequence, side, venueName: clientOrderId, order, pair } = tracked;
    const terms = this.#emulated.termsOf(tracked);
    for (const one of pair === null ? [tracked] : [tracked, pair]) {
      one.leaving = 'sending';
      one.sent = quantity;
      one.tryMs = nowMs;
    }
    const instrument = instruments[tracked.symbol]!;
    const stop = pair?.order.terms ?? undefined;
    const exits = this.#attached.leaveWith(tracked, quantity);
    onStep?.(sequence, 'sent');
    void broker
      .submit({
        clientOrderId,
        instrument,
        side,
        quantity,
        terms,
        reduces: order.reduces,
        ...(stop === undefined ? {} : { stop }),
        ...(exits === undefined ? {} : { exits }),
      })
      .then((verdict) => {
        if (verdict.result === 'accepted') onStep?.(sequence, 'acknowledged');
        post({ kind: 'verdict', sequence, of: 'submit', name: clientOrderId, verdict });
      });
  }

  /** What a submit came to: the state that this proves, null where it proves none. */
  onSubmitVerdict(tracked: TrackedOrder, verdict: RequestVerdict, nowMs: number): OrderState | null {
    const { result, name } = verdict;
    if (tracked.shown && result !== 'accepted') {
      // The stream was faster: whatever became of this answer, the order is there.
      tracked.leaving = 'sent';
      tracked.askMs = -Infinity;
      return null;
    }
    if (result === 'accepted' || name === 'duplicate-id') {
      tracked.leaving = 'sent';
      tracked.tryMs = nowMs;
      tracked.askMs = name === 'duplicate-id' ? -Infinity : nowMs;
      return result === 'accepted' ? null : 'UNKNOWN';
    }
    if (name === 'not-sent' && result === 'refused') return 'CANCELED';
    if (result === 'refused' && tracked.state !== 'UNKNOWN') return 'REJECTED';
    // The first of two may hold the very shares for want of which the second is refused.
    if (result === 'refused') return this.#keepAsking(tracked, nowMs);
    if (result === 'unknown') {
      this.#keepAsking(tracked, nowMs);
      return 'UNKNOWN';
    }
    // A repeat of one that nobody knows of stays one that nobody knows of.
    tracked.leaving = tracked.state === 'UNKNOWN' ? 'sent' : 'held';
    tracked.tries += 1;
    const { againMs } = this.#options.patience;
    tracked.tryMs = nowMs + (verdict.retryAfterMs ?? Math.min(AGAIN_MAX_MS, againMs * 2 ** (tracked.tries - 1)));
    return null;
  }

  #keepAsking(tracked: TrackedOrder, nowMs: number): null {
    tracked.leaving = 'sent';
    tracked.askMs = nowMs;
    return null;
  }

  onCancelVerdict(tracked: TrackedOrder, { result, retryAfterMs }: RequestVerdict, nowMs: number): void {
    tracked.cancelling = false;
    const { askAfterMs, againMs } = this.#options.patience;
    tracked.cancelMs = nowMs + (result === 'not-processed' ? (retryAfterMs ?? againMs) : askAfterMs);
    // It may have ended before: that is to be asked at once.
    if (result === 'refused' || result === 'unknown') tracked.askMs = -Infinity;
  }

  /** An order that may be at the venue: it is asked for while something about it is not known. */
  #watch(tracked: TrackedOrder, nowMs: number): void {
    const { askAfterMs } = this.#options.patience;
    endWhatIsDue(tracked, nowMs, this.#options);
    const isUnderWay = tracked.cancelling || tracked.pendingCancels > 0;
    const mayCancel = this.#leave !== 'nothing' && tracked.shown && !isUnderWay && nowMs >= tracked.cancelMs;
    // A cancel of one of a pair ends both.
    const isDone = tracked.isLeg && (tracked.venueName === '' || (tracked.pair!.cancelWanted && !tracked.pair!.ended));
    const isToEnd = tracked.cancelWanted || tracked.anew || tracked.emulation.parking === 'asked';
    if (isToEnd && mayCancel && !isDone && !this.#stays(tracked, nowMs)) this.#cancel(tracked);
    else if (tracked.amend === 'due' && mayCancel && this.#mayGo(tracked) && nowMs >= tracked.amendMs)
      this.#amend(tracked);
    // After hours a cancel is under way all night: that is no reason to use up the budget of requests.
    const waitMs = Math.min(AGAIN_MAX_MS, askAfterMs * 2 ** Math.max(0, tracked.pendingCancels - 1));
    if (isInDoubt(tracked) && !tracked.asking && nowMs - tracked.askMs >= waitMs) this.#ask(tracked, nowMs);
  }

  #cancel(tracked: TrackedOrder): void {
    const { sequence, venueName } = tracked;
    tracked.cancelling = true;
    void this.#options.broker
      .cancel(venueName)
      .then((verdict) => this.#options.post({ kind: 'verdict', sequence, of: 'cancel', verdict }));
  }

  /** The change is another order, of another name. What it makes of one that is filled in part, no venue says alike. */
  #amend(tracked: TrackedOrder): void {
    const { broker, instruments, post } = this.#options;
    const { sequence, side, order, venueName } = tracked;
    const byCancel = this.#days.changesByCancel(tracked);
    if (byCancel && (tracked.executed === 0 || tracked.cameFrom !== null)) {
      tracked.cameFrom = venueName;
      return this.#cancel(tracked);
    }
    tracked.asked = tracked.amended;
    tracked.amend = 'sending';
    const told = (verdict: RequestVerdict): void => post({ kind: 'verdict', sequence, of: 'amend', verdict });
    if (tracked.executed > 0) {
      return told({
        result: 'refused',
        name: 'not-supported',
        words: 'a part of it is filled: cancel and place it anew',
      });
    }
    const by = { clientOrderId: tracked.nameOf(tracked.amended), instrument: instruments[tracked.symbol]!, side };
    const quantity = Math.abs(order.quantity);
    const { terms, reduces } = order;
    void broker.amend(venueName, { ...by, quantity, terms, reduces, keepsQuantity: tracked.keepsSize }).then(told);
  }

  /** A change that was asked for: which order works at the venue is to be seen, whatever the answer was. */
  onAmendVerdict(tracked: TrackedOrder, { result, name, retryAfterMs }: RequestVerdict, nowMs: number): void {
    tracked.askMs = -Infinity;
    // Its leg has ended since, or the change was seen to be in force.
    if (tracked.amend !== 'sending') return;
    if (result === 'not-processed') {
      tracked.amend = 'due';
      tracked.asked = 0;
      tracked.amendMs = nowMs + (retryAfterMs ?? this.#options.patience.againMs);
    } else tracked.amend = result === 'refused' && name !== 'duplicate-id' ? 'denied' : 'asked';
  }

  #ask(tracked: TrackedOrder, beganMs: number): void {
    const { sequence } = tracked;
    tracked.asking = true;
    const { post } = this.#options;
    const { mayGoOn } = this.#days;
    const { entry = null } = this.#orders.attached.get(tracked.symbol) ?? {};
    const isItsOwn = entry !== null && entry !== tracked && !this.#orders.isPast(entry, tracked);
    void findNewest(this.#options.broker, tracked, { entry: isItsOwn ? entry : null, mayGoOn }).then((found) =>
      post({ kind: 'looked-up', sequence, beganMs, ...found }),
    );
  }

  /** It was found nowhere, and is sent again under its id. */
  repeat(tracked: TrackedOrder, nowMs: number): void {
    tracked.absences = 0;
    tracked.absentSinceMs = Infinity;
    if (tracked.leaving === 'sending' || !this.#mayGo(tracked)) return;
    if (tracked.emulation.beside !== 0) return keepHere(tracked);
    // The order that it hangs on brings it along, while that is wanted.
    if (tracked.isLeg && !tracked.pair!.ended && !tracked.pair!.cancelWanted) return;
    if (tracked.isLeg) tracked.unpair();
    const { hours, instruments } = this.#options;
    if (waitsForOpen(tracked) && hours.isShut(instruments[tracked.symbol]!, nowMs)) {
      // It has not arrived, and does not leave before the market opens.
      tracked.leaving = 'held';
      return;
    }
    const units = this.#unitsOf(tracked);
    if (units > 0) this.#send(tracked, units, nowMs);
    else tracked.cancelWanted = true;
  }
}
