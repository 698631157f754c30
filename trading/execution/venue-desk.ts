import type { VenueExecution, VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { CorporateActionEvent, Effect, EngineEvent } from '../effect.ts';
import type { DeskMessage } from './desk-message.ts';
import type { DeskOptions } from './desk-options.ts';
import { DayOrders } from './daily/day-orders.ts';
import { EmulatedOrders } from './emulated/emulated-orders.ts';
import { Contradictions } from './contradictions.ts';
import { OrderChanges } from './order-changes.ts';
import { OrderSender, type MayLeave } from './order-sender.ts';
import { AbsentOrder } from './absent-order.ts';
import { AttachedExits } from './exits/attached-exits.ts';
import { goesOn } from './exits/ended-order.ts';
import { pairExits } from './exits/pair-exits.ts';
import { PaymentDesk } from './payment-desk.ts';
import { DueSplits, restateOrders } from './due-splits.ts';
import { feeEvents, FINAL, heldSnapshot, marginCall, timesOf, worksAfterAll } from './told-events.ts';
import { PositionCheck } from './position-check.ts';
import { TrackedOrder } from './tracked-order.ts';
import { StreamSilence } from './watch/stream-silence.ts';
import { TrackedOrders } from './tracked-orders.ts';

/**
 * The edge between a session and its venue: turns what the venue says into events of the engine, one at a time, and
 * sends what the engine has decided once that is on record. What it knows of an order is what the engine recorded, so
 * that a restart, which replays the same events, finds it again. It never waits: answers come back as messages.
 */
export class VenueDesk {
  readonly #options: DeskOptions;
  readonly orders = new TrackedOrders();
  readonly payments: PaymentDesk;
  readonly #symbols: ReadonlyMap<string, number>;
  /** Executions that the engine has been told of. */
  readonly #told = new Set<string>();
  readonly #sender: OrderSender;
  readonly #attached: AttachedExits;
  readonly #days: DayOrders;
  readonly emulated: EmulatedOrders;
  readonly #absent: AbsentOrder;
  readonly #positions: PositionCheck;
  readonly #changes: OrderChanges;
  /** Splits on record that have not been booked. */
  readonly splits: DueSplits;
  #live = false;
  #connected = true;
  /** The venue's time of the newest execution that was told; none is newer than now, whatever the venue dates it. */
  newestMs = -Infinity;
  readonly #contradictions: Contradictions;
  /** The venue's clock minus ours. */
  offsetMs = 0;
  /** The last reading agreed with the books, or the engine was told of what differs. */
  agrees = false;
  readonly silence: StreamSilence;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.#contradictions = new Contradictions(options.instruments.map(({ symbol }) => symbol));
    this.#symbols = new Map(options.instruments.map(({ symbol }, index) => [symbol, index]));
    this.payments = new PaymentDesk(this.#symbols, this.orders);
    this.silence = new StreamSilence(options.patience.askAfterMs);
    this.#attached = new AttachedExits(options, this.orders);
    this.#days = new DayOrders(options);
    this.emulated = new EmulatedOrders(options, this.orders);
    const parts = { attached: this.#attached, days: this.#days, emulated: this.emulated };
    this.#sender = new OrderSender(options, this.orders, parts);
    this.#absent = new AbsentOrder(options);
    this.#positions = new PositionCheck(options);
    this.#changes = new OrderChanges(options, this.orders);
    this.splits = new DueSplits(options, this.orders);
  }

  /** Orders that have not ended, oldest first. */
  get working(): readonly TrackedOrder[] {
    return this.orders.working;
  }

  /** An effect of the engine, in order, replayed ones too. */
  observe(effect: Effect, nowMs: number): void {
    if (effect.kind === 'order') {
      const id = this.#options.clientOrderId(effect.sequence);
      const tracked = new TrackedOrder(effect, id, { nowMs, leaving: this.#live ? 'held' : 'kept' });
      this.orders.add(tracked);
      pairExits(tracked, this.orders, this.#options);
      this.emulated.take(tracked);
    } else if (effect.kind === 'cancel') this.orders.want(effect.sequence);
    else if (effect.kind === 'fill') this.#noteFill(effect);
    else if (effect.kind === 'order-update') {
      const tracked = this.orders.get(effect.sequence);
      if (tracked === undefined) return;
      const isAnswer = tracked.state === 'PENDING_UPDATE' && effect.state === 'ACCEPTED';
      if (isAnswer) tracked.onAmended(effect.code === 'amend-refused');
      tracked.state = effect.state;
      this.orders.moved(tracked);
    } else if (effect.kind === 'amend') {
      const tracked = this.orders.get(effect.sequence);
      if (tracked === undefined) return;
      tracked.amendTo(effect.order);
      this.orders.nameChange(tracked);
      this.emulated.amended(tracked);
    }
  }

  #noteFill({ sequence, symbol, quantity, takesBack, final }: Effect & { kind: 'fill' }): void {
    const tracked = this.orders.get(sequence);
    if (tracked === undefined) return;
    // One that contradicts its order is booked, and not counted to it.
    const side = takesBack === true ? -quantity : quantity;
    if (symbol !== tracked.symbol || side * tracked.side < 0) return;
    tracked.noteFill(takesBack === true ? -Math.abs(quantity) : Math.abs(quantity), final);
    this.orders.moved(tracked);
    if (tracked.state === 'FILLED') this.orders.endGroupOf(tracked);
  }

  /** A split is booked: orders are counted in new units. */
  split(event: CorporateActionEvent): void {
    this.splits.drop(event.symbol);
    this.emulated.split(event.symbol);
    restateOrders(this.#options, this.orders, event);
  }

  /** An event on its way to the engine, replayed ones too. */
  noteEvent(event: EngineEvent): void {
    if (event.kind === 'execution') {
      this.#told.add(event.executionId);
      // After a restart, too, only what is newer is asked for, not everything since the session began.
      this.newestMs = Math.max(this.newestMs, event.theirsMs ?? -Infinity);
    }
    if (event.kind === 'contradiction') this.#contradictions.note(event.sequence);
    if (event.kind === 'payment') this.payments.note(event);
    if (event.kind === 'connectivity') this.#connected = event.connected;
  }

  /** Replay is over: from here on orders leave. What is not known of is asked for. */
  goLive(): void {
    this.#live = true;
  }

  /** Our clock was put by `stepMs`. */
  clockStepped(stepMs: number): void {
    this.offsetMs -= stepMs;
    for (const one of [this.#options.hours, this.orders, this.emulated]) one.clockStepped(stepMs);
    this.#options.note(`our clock was put by ${stepMs / 1000} s: waits go on as they were`);
    this.#options.catchUp();
  }

  /** Nothing is under way: each order has ended, rests at the venue, or waits for the market. */
  isCalm(nowMs: number): boolean {
    return this.working.every((tracked) => this.#sender.rests(tracked, nowMs));
  }

  /** Sends, asks and cancels what is due. What led to it has been recorded. */
  act(nowMs: number, leave: MayLeave): void {
    if (this.#live) this.#sender.act(nowMs, leave);
  }

  /** What a message means to the engine. Each event is to be handled before the next is asked for. */
  *translate(message: DeskMessage, nowMs: number): Generator<EngineEvent> {
    for (const { symbol, ratio } of this.splits.shownBy(message)) {
      yield { kind: 'action', timeMs: nowMs, symbol, action: 'split', value: ratio };
    }
    if (message.kind === 'connection') yield* this.#connection(message.connected, nowMs);
    else if (message.kind === 'payment') this.#options.catchUp();
    else if (message.kind === 'margin-call') yield* marginCall(message, this.#symbols, nowMs);
    else if (message.kind === 'recording' || message.kind === 'condition') yield { ...message, timeMs: nowMs };
    else if (message.kind === 'unreadable') {
      this.#options.note(`${this.#options.broker.name}: ${message.words}: asked for`);
      this.#options.catchUp();
    } else if (message.kind === 'bust') yield { kind: 'bust', timeMs: nowMs, executionId: message.executionId };
    else if (message.kind === 'execution') {
      this.silence.told(message.execution.executionId);
      yield* this.#execution({ ...message.execution, clientOrderId: message.order.clientOrderId }, 'stream', nowMs);
      yield* this.#order(message.order, null, nowMs);
    } else if (message.kind === 'order') yield* this.#order(message.order, null, nowMs);
    else if (message.kind === 'verdict') yield* this.#verdict(message, nowMs);
    else if (message.kind === 'looked-up') yield* this.#lookedUp(message, nowMs);
    else if (message.kind === 'watched') yield* this.emulated.watched(message.sequence, nowMs);
    else yield* this.#reading(message, nowMs);
  }

  *#connection(connected: boolean, timeMs: number): Generator<EngineEvent> {
    if (!connected) this.silence.forget();
    if (connected === this.#connected) return;
    yield { kind: 'connectivity', timeMs, connected };
  }

  *#verdict(message: DeskMessage & { kind: 'verdict' }, nowMs: number): Generator<EngineEvent> {
    const tracked = this.orders.get(message.sequence);
    if (tracked === undefined) return;
    const { verdict } = message;
    if (verdict.result !== 'accepted') this.#noteVerdict(tracked, message);
    if (message.of === 'amend') return this.#sender.onAmendVerdict(tracked, verdict, nowMs);
    if (message.of === 'cancel') return this.#sender.onCancelVerdict(tracked, verdict, nowMs);
    const isOver = message.name !== undefined && message.name !== tracked.venueName;
    if (!isOver && (yield* this.#days.takeBack(tracked, verdict, nowMs))) return;
    for (const one of isOver ? [] : tracked.pair === null ? [tracked] : [tracked, tracked.pair]) {
      const becomes = this.#sender.onSubmitVerdict(one, verdict, nowMs);
      if (becomes !== null) yield* one.moves(becomes, nowMs);
    }
    if (verdict.order !== undefined) yield* this.#order(verdict.order, null, nowMs);
  }

  #noteVerdict(tracked: TrackedOrder, { of, verdict }: DeskMessage & { kind: 'verdict' }): void {
    const { broker, instruments, note } = this.#options;
    const { symbol } = instruments[tracked.symbol]!;
    note(`${broker.name}: ${of} of order ${tracked.sequence} (${symbol}): ${verdict.name}: ${verdict.words}`);
  }

  *#lookedUp(message: DeskMessage & { kind: 'looked-up' }, nowMs: number): Generator<EngineEvent> {
    const tracked = this.orders.get(message.sequence);
    if (tracked === undefined) return;
    const { answer: heard, beganMs } = this.orders.heard(message);
    tracked.asking = false;
    tracked.askMs = nowMs;
    const answer = this.#days.heard(tracked, heard, beganMs);
    if (answer === null) return;
    if (answer.found === 'order' && answer.order.clientOrderId === tracked.turnName && !tracked.turned) {
      tracked.turn(message.earlier ?? 0, 'sent');
      this.orders.name(tracked, tracked.turnName);
    }
    if (answer.found === 'order') {
      this.#days.found(tracked, answer.order, message.earlier ?? 0);
      if (message.ofEntry === true) this.orders.nameLeg(tracked, answer.order, nowMs);
      const isSettled = tracked.amended === 0 || (yield* this.#changes.settle(tracked, message, nowMs));
      return isSettled ? yield* this.#order(answer.order, beganMs, nowMs) : undefined;
    }
    if (answer.found === 'absent') this.#attached.gone(tracked);
    if (answer.found === 'unreadable' || tracked.ended) return;
    if (tracked.leaving === 'kept') tracked.leaving = 'sent';
    yield* tracked.moves('UNKNOWN', nowMs);
    tracked.absences += 1;
    tracked.absentSinceMs = Math.min(tracked.absentSinceMs, nowMs);
    const told = { kind: 'look-up', sequence: tracked.sequence, timeMs: nowMs, found: 'absent' } as const;
    const { patience } = this.#options;
    const isEnough = tracked.absences >= patience.absences && nowMs - tracked.absentSinceMs >= patience.absentMs;
    const isProven = isEnough && this.#absent.isProven(tracked, beganMs);
    // An order that is wanted no more and that was never seen has not arrived: it is not sent again.
    if (this.#absent.isForgone(tracked, nowMs)) {
      if (isProven) yield* tracked.moves('CANCELED', nowMs);
    } else if (!this.#absent.mayRepeat(tracked, nowMs)) yield told;
    else if (isProven) this.#sender.repeat(tracked, nowMs);
  }

  /** What the venue shows of an order. `beganMs`: it was asked for then; null where the venue told by itself. */
  *#order(order: VenueOrder, beganMs: number | null, nowMs: number): Generator<EngineEvent> {
    const tracked = this.orders.named(order.clientOrderId);
    if (tracked === undefined) return;
    if (this.#contradictions.has(tracked, order)) return yield* this.#contradictions.tell(tracked, nowMs);
    if (this.#days.isPast(tracked, order)) return;
    const [leg] = order.legs;
    this.#attached.shown(tracked, order, beganMs);
    if (tracked.wentAlone(order, beganMs)) tracked.unpair();
    if (leg !== undefined && tracked.pair !== null) {
      this.orders.name(tracked.pair, leg.clientOrderId);
      yield* this.#order(leg, beganMs, nowMs);
    }
    tracked.shown = true;
    tracked.heardMs = nowMs;
    if (order.clientOrderId !== tracked.venueName || tracked.gaveWay(order)) {
      // Which of its names is in force is seen by asking for all of them.
      tracked.missing = true;
      tracked.askMs = -Infinity;
      return;
    }
    tracked.missing = false;
    this.emulated.shown(tracked, order);
    tracked.pendingCancels = order.status === 'pending-cancel' ? tracked.pendingCancels + 1 : 0;
    tracked.absences = 0;
    tracked.absentSinceMs = Infinity;
    if (tracked.leaving === 'kept' || tracked.leaving === 'held') tracked.leaving = 'sent';
    const final = FINAL[order.status];
    if (final === undefined) {
      if (tracked.ended || tracked.state === 'LOST') yield* worksAfterAll(tracked.sequence, beganMs, nowMs);
      else if (tracked.state === 'SUBMITTED' || tracked.state === 'UNKNOWN' || tracked.leftChanged)
        yield* tracked.moves('ACCEPTED', nowMs);
      this.#changes.look(tracked, order);
      return;
    }
    if (tracked.ended) return;
    if (goesOn(tracked, order, { orders: this.orders, days: this.#days, beganMs })) return;
    if (tracked.hasAllOf(order)) {
      tracked.ending = null;
      // Cut to what was held, it has closed all of that: nothing is lost with the rest.
      tracked.cancelWanted ||= order.status === 'filled';
      yield* tracked.moves(final, nowMs);
    } else {
      // It must not end before what was executed of it is booked.
      tracked.ending = order;
      this.#options.catchUp();
    }
  }

  *#execution(execution: VenueExecution, origin: 'stream' | 'query', nowMs: number): Generator<EngineEvent> {
    const { executionId, symbol: name, quantity, price, cumulative, fee = 0, forced } = execution;
    const symbol = this.#symbols.get(name);
    if (this.#told.has(executionId)) return;
    const tracked = this.orders.named(execution.clientOrderId ?? '');
    if (symbol === undefined && tracked !== undefined) yield* this.#contradictions.tell(tracked, nowMs);
    if (symbol === undefined) return;
    if (quantity === 0) return yield* feeEvents(execution, symbol, nowMs);
    // It may be one of a leg whose name is not known: that is asked for, and then the execution is.
    const mayBeLeg = tracked === undefined && this.#attached.mayExplain(symbol, execution.clientOrderId, nowMs);
    if (mayBeLeg || (tracked === undefined && this.orders.askNameless(symbol))) return this.#options.catchUp();
    const sequence = tracked?.sequence ?? 0;
    const { timeMs, ...times } = timesOf(execution.timeMs, { nowMs, offsetMs: this.offsetMs });
    const of = { kind: 'execution', sequence, timeMs, symbol, executionId, quantity, price, fee, ...times } as const;
    const base = forced === undefined ? of : { ...of, forced };
    // Each of the names of an order that was changed has a sum of its own: the order's is that of what is booked.
    const isChanged =
      tracked !== undefined &&
      (tracked.amended > 0 ||
        tracked.turned ||
        execution.clientOrderId === tracked.turnName ||
        this.#days.isOneOf(tracked, execution.clientOrderId ?? ''));
    const sum = isChanged ? tracked.executed + Math.abs(quantity) : cumulative;
    yield { ...base, cumulative: sum, ...(origin === 'stream' ? {} : { origin }) };
    yield* feeEvents({ ...execution, executionId: `${executionId}/fee` }, symbol, timeMs);
    if (tracked !== undefined && tracked.ending !== null) yield* this.#order(tracked.ending, null, nowMs);
  }

  *#reading(reading: DeskMessage & { kind: 'reading' }, nowMs: number): Generator<EngineEvent> {
    const { beganMs, executions, orders, positions, payments = [] } = reading;
    const fresh = executions.filter(
      ({ executionId, symbol }) => !this.#told.has(executionId) && this.#symbols.has(symbol),
    );
    for (const execution of fresh) {
      if (this.#connected) this.silence.found(execution.executionId, execution.timeMs);
      yield* this.#execution(execution, 'query', nowMs);
    }
    this.emulated.sawPositions(reading, this.#symbols);
    yield* this.payments.events(payments, { nowMs, offsetMs: this.offsetMs });
    const listed = new Set<TrackedOrder>();
    for (const order of orders) {
      const tracked = this.orders.named(order.clientOrderId);
      if (tracked !== undefined) listed.add(tracked);
      yield* this.#order(order, beganMs, nowMs);
    }
    for (const tracked of this.working) {
      const isQuiet = beganMs - Math.max(tracked.heardMs, tracked.tryMs) > this.#options.patience.askAfterMs;
      if (tracked.leaving === 'sent' && isQuiet && !listed.has(tracked)) tracked.missing = true;
    }
    const busy = new Set(this.working.map(({ symbol }) => symbol));
    const differs = this.#positions.look(positions, { moved: fresh.length > 0, busy, nowMs });
    this.agrees = differs === 'agrees' || differs === 'believed';
    if (differs !== 'believed') return;
    // The newest execution that was told is always asked for again.
    const isKnown = executions.length > 0 && executions.some(({ executionId }) => this.#told.has(executionId));
    if (this.#told.size > 0 && !isKnown && positions.length === 0) return this.#options.wiped();
    yield heldSnapshot({ beganMs, timeMs: nowMs }, this.working, positions, this.#symbols);
  }
}
