import type { Instrument } from '../../../features/instrument.ts';
import type { Clock } from '../../../infra/clock.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import type { MakeBroker } from '../../brokers/broker.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import type { CorporateActionEvent, EngineEvent } from '../../effect.ts';
import type { DeskMessage } from '../../execution/desk-message.ts';
import type { TrackedOrder } from '../../execution/tracked-order.ts';
import type { DueSplit } from '../../execution/due-splits.ts';
import { ClockSteps } from '../../execution/watch/clock-steps.ts';
import { MarketHours } from '../../execution/watch/market-hours.ts';
import { VenueDesk } from '../../execution/venue-desk.ts';
import type { VenuePatience } from '../../execution/venue-patience.ts';
import { VenueWatch } from '../../execution/watch/venue-watch.ts';
import { journalWith, type DurableJournal } from '../../journal/durable-journal.ts';
import type { ApprovedBefore } from '../../orders/approved-order.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import type { ClosedBars } from '../replayed-feed.ts';
import { clientOrderIds } from '../../orders/client-order-id.ts';
import type { ConditionName } from '../../risk/degradation/condition-name.ts';
import { fromPlain, toPlain, type Plain } from '../../plain-values.ts';
import { WatchedMarket } from './watched-market.ts';
import type { VenueInput } from './venue-input.ts';
import type { VenueInputStore } from './venue-input-store.ts';

/** How far from its date a split may be booked by what the venue shows: bars may be those of weeks. */
const SPLIT_APART_MS = 8 * DAY_MS;

export interface VenueEdgeOptions {
  readonly broker: VenueBroker;
  readonly instruments: readonly Instrument[];
  readonly sessionId: string;
  readonly store: Pick<VenueInputStore, 'append'>;
  /** What was recorded before a restart. */
  readonly recorded: readonly VenueInput[];
  readonly patience: VenuePatience;
  /** Tells the moment of events. */
  readonly clock: Clock;
  /** Goes on evenly where `clock` is put; absent where that never is. */
  readonly steady?: Clock | undefined;
  /** Executions before this, by the venue's clock, are none of the session's. */
  readonly sinceMs: number;
  readonly note: (text: string) => void;
  /** False while what happens is recorded on this machine alone: nothing opens. True by default. */
  readonly mayOpen?: (() => boolean) | undefined;
  /** An order is handed to the venue, or the venue has taken it: for measuring. */
  readonly onStep?: ((sequence: number, step: 'sent' | 'acknowledged') => void) | undefined;
}

/** What an edge asks of its session's engine. */
interface MetEngine {
  awaits(sequence: number): boolean;
  exitsOf(sequence: number): readonly OrderTerms[];
  /** When something is to be looked at though nothing happens, in ms. */
  readonly wakeMs: number;
}

/**
 * A session's side of a venue: what comes from there is recorded and handed to the engine in one order, which a restart
 * repeats; what the engine decides leaves once it is on record. Nothing leaves before the venue was asked for
 * everything and agrees with the books.
 */
export class VenueEdge {
  readonly #options: VenueEdgeOptions;
  readonly #desk: VenueDesk;
  readonly #watch: VenueWatch;
  readonly #steps: ClockSteps;
  readonly #market = new WatchedMarket((symbol, quote) =>
    this.#desk.emulated.saw(symbol, quote, this.#options.clock()),
  );
  readonly #inbox: DeskMessage[] = [];
  readonly #replayed: ReadonlyMap<number, readonly VenueInput[]>;
  readonly #stop = new AbortController();
  #account: { readonly quantity: ArrayLike<number> } | null = null;
  #engine: MetEngine | null = null;
  #running: Promise<void> | null = null;
  /** What went wrong beside the session; it ends with that. */
  #broken: unknown = null;
  #pending: VenueInput[] = [];
  /** Splits that were booked before the session's bars brought them. */
  readonly #splits: CorporateActionEvent[] = [];
  #count: number;
  #agreed = false;
  /** When it last read the venue, by our clock, and by how much that is behind it at the start. */
  #comparedMs = -Infinity;
  #behindMs = 0;
  /** Where the engine was told that it is recorded. */
  #place: 'database' | 'local-log' = 'database';

  constructor(options: VenueEdgeOptions) {
    this.#options = options;
    const { broker, instruments, sessionId, recorded, patience, clock, note, sinceMs, steady = clock } = options;
    this.#steps = new ClockSteps(clock, steady);
    const hours = new MarketHours();
    this.#count = recorded.length;
    this.#replayed = grouped(recorded);
    const post = (message: DeskMessage): void => void this.#inbox.push(message);
    this.#desk = new VenueDesk({
      broker,
      instruments,
      clientOrderId: clientOrderIds(sessionId),
      patience,
      hours,
      positionOf: (symbol) => this.#account!.quantity[symbol]!,
      awaits: (sequence) => this.#engine?.awaits(sequence) === true,
      exitsOf: (sequence) => this.#engine?.exitsOf(sequence) ?? [],
      post,
      wiped: () => void (this.#broken ??= accountWiped(broker.name)),
      catchUp: () => this.#watch.catchUp(),
      onStep: options.onStep,
      note,
    });
    this.#watch = new VenueWatch({
      broker,
      patience,
      clock,
      steady,
      sleep: systemSleep,
      hours,
      post,
      note,
      sinceMs,
      desk: this.#desk,
    });
  }

  /** The session's broker: it knows the account from here on. */
  readonly makeBroker: MakeBroker = ({ account, market }) => {
    this.#account = account;
    return this.#market.broker(market);
  };

  /** What was quoted last when these bars came. */
  quoted(bars: ClosedBars['bars']): void {
    this.#market.quoted(bars);
  }

  /** The session's engine is there. */
  meet(engine: MetEngine): void {
    this.#engine = engine;
  }

  /** The session's journal, of which the edge sees every effect. */
  journal(journal: DurableJournal): DurableJournal {
    return journalWith(journal, {
      append: (effect) => {
        journal.append(effect);
        this.#desk.observe(effect, this.#options.clock());
      },
    });
  }

  /** What was taken at `step` before a restart, in order. */
  replayed(step: number): readonly VenueInput[] {
    return this.#replayed.get(step) ?? [];
  }

  /** A recorded event is handed to the engine again. */
  repeat(event: EngineEvent, handle: (event: EngineEvent) => void): void {
    this.#note(event);
    handle(event);
    if (event.kind === 'action') this.#takeSplit(event);
  }

  /** Splits on record that come into effect about now, and that the session's bars have not brought. */
  know(splits: readonly DueSplit[]): void {
    this.#desk.splits.know(splits);
  }

  /** A split came with the session's bars: its orders are counted in new units. */
  split(event: CorporateActionEvent): void {
    if (event.action === 'split') this.#desk.split(event);
  }

  #takeSplit(event: CorporateActionEvent): void {
    this.#splits.push(event);
    this.split(event);
  }

  /** A split that the bars bring was booked before: the venue had shown it. */
  readonly took = (symbol: number, { kind, value, effectiveMs }: DatedAction): boolean =>
    kind === 'split' &&
    this.#splits.some(
      (one) => one.symbol === symbol && one.value === value && Math.abs(one.timeMs - effectiveMs) < SPLIT_APART_MS,
    );

  /** What it knows of the session's orders, as JSON. What the venue told is on record as inputs. */
  save(): Plain {
    return toPlain(this.#desk.orders.save());
  }

  /** Takes up what was saved before step `step`. @throws TypeError for orders that were not approved. */
  restore(state: Plain, { step, approved }: { readonly step: number; readonly approved: ApprovedBefore }): void {
    const { sessionId, clock } = this.#options;
    const by = { approved, clientOrderId: clientOrderIds(sessionId), nowMs: clock() };
    this.#desk.orders.restore(fromPlain(state) as ReturnType<VenueDesk['orders']['save']>, by);
    for (const { step: taken, event } of this.#options.recorded) {
      if (taken >= step) continue;
      this.#note(event);
      if (event.kind === 'action') this.#splits.push(event);
    }
  }

  #note(event: EngineEvent): void {
    if (event.kind === 'recording') this.#place = event.place;
    if (event.kind === 'snapshot' || event.kind === 'clock-step') this.#comparedMs = event.timeMs;
    this.#desk.noteEvent(event);
  }

  /** The session has had all that was before: from here on the venue is listened to. */
  goLive(): void {
    if (this.#running !== null) return;
    this.#desk.goLive();
    // While it was stopped the clock was put back: what it noted would be of a time to come.
    this.#behindMs = Math.min(0, this.#options.clock() - this.#comparedMs);
    // What was on one machine alone before a restart has been merged.
    this.recordsTo(this.#options.mayOpen?.() === false ? 'local-log' : 'database');
    // Whatever it was before: until the venue agrees with the books, nothing opens.
    this.#inbox.push({ kind: 'connection', connected: false });
    this.#running = this.#watch.run(this.#stop.signal).catch((error: unknown) => void (this.#broken = error));
  }

  /** From here on what happens is recorded there. */
  recordsTo(place: 'database' | 'local-log'): void {
    this.#inbox.push({ kind: 'recording', place });
  }

  /** Something around the session has got worse or better: it is recorded, and then handed to the engine. */
  tell(name: ConditionName, value: number): void {
    this.#inbox.push({ kind: 'condition', name, value });
  }

  /** The venue is listened to. */
  get isLive(): boolean {
    return this.#running !== null;
  }

  /** Orders that have not ended, oldest first. */
  get working(): readonly TrackedOrder[] {
    return this.#desk.working;
  }

  /** Signed units of a symbol by the books. */
  held(symbol: number): number {
    return this.#account?.quantity[symbol] ?? 0;
  }

  /** The venue has agreed with the books since the session went live, and each order of before was asked for. */
  get ready(): boolean {
    return this.#agreed && this.#desk.working.every(({ leaving }) => leaving !== 'kept');
  }

  /**
   * Nothing is under way: each order has ended, rests at the venue or waits for the market, and the venue agrees with
   * the books.
   */
  get settled(): boolean {
    const isCalm = this.#desk.isCalm(this.#options.clock());
    return isCalm && this.#inbox.length === 0 && this.ready && this.#desk.agrees;
  }

  /** Hands on what has come, in order. True where something has. */
  take(at: { readonly step: number; readonly commands: number }, handle: (event: EngineEvent) => void): boolean {
    if (this.#broken !== null) throw this.#broken as Error;
    const stepMs = this.#stepped();
    let any = false;
    const note = (event: EngineEvent): void => {
      this.#pending.push({ position: this.#count++, ...at, event: event as VenueInput['event'] });
      this.repeat(event, handle);
      any = true;
    };
    if (stepMs !== 0) note({ kind: 'clock-step', timeMs: this.#options.clock(), stepMs });
    for (let message = this.#inbox.shift(); message !== undefined; message = this.#inbox.shift()) {
      if (message.kind === 'recording' && message.place === this.#place) continue;
      for (const event of this.#desk.translate(message, this.#options.clock())) {
        note(event);
      }
      if (message.kind === 'connection' && message.connected) this.#agreed = true;
    }
    // Time is an event of its own: a restart looks at the same moments again.
    const timeMs = this.#options.clock();
    if (this.ready && timeMs >= this.#engine!.wakeMs) note({ kind: 'timer', timeMs });
    return any;
  }

  /** By how much our clock was put since the last look, in ms; at first, since what is on record was noted. */
  #stepped(): number {
    const stepMs = this.#steps.look();
    if (stepMs !== 0) {
      this.#desk.clockStepped(stepMs);
      this.#watch.clockStepped();
    }
    const behindMs = this.#behindMs;
    if (behindMs < 0) this.#options.note(`our clock is ${-behindMs / 1000} s behind what the session has on record`);
    this.#behindMs = 0;
    return stepMs + behindMs;
  }

  /** What was taken is not on record. */
  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Records what was taken. */
  async commit(): Promise<void> {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    await this.#options.store.append(pending);
  }

  /** Sends what is due: everything that led to it is on record. */
  act(): void {
    if (this.#pending.length > 0) return;
    const { clock, mayOpen } = this.#options;
    this.#desk.act(clock(), this.ready ? (mayOpen?.() === false ? 'protective' : 'all') : 'nothing');
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/** What was there is gone, and none of it was traded away: no loss is booked. */
function accountWiped(venue: string): SignalboxError {
  return new SignalboxError(`The account at ${venue} was wiped: nothing that this session traded is there any more.`, {
    remedy: 'No loss is booked. Begin another session with --session ID: its account begins with what is there now.',
  });
}

function grouped(inputs: readonly VenueInput[]): ReadonlyMap<number, readonly VenueInput[]> {
  const found = new Map<number, VenueInput[]>();
  for (const input of inputs) {
    const list = found.get(input.step);
    if (list === undefined) found.set(input.step, [input]);
    else list.push(input);
  }
  return found;
}
