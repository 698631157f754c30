import { SignalboxError } from '../../infra/errors.ts';
import { BackgroundWrite } from '../../infra/postgres/background-write.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import type { Broker } from '../brokers/broker.ts';
import type { Engine } from '../engine/engine.ts';
import { createEngine, sessionResult } from './historical-session.ts';
import type { MarketStep } from '../market.ts';
import { RefusalLog } from '../journal/refusal-log.ts';
import { clientOrderIds } from '../orders/client-order-id.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { takeAsked } from './live/take-asked.ts';
import { OwnFaults } from './live/own-faults.ts';
import { heldPositions } from './live/held-positions.ts';
import { meanwhile } from './live/meanwhile.ts';
import type { PaperSessionOptions } from './live/paper-session-options.ts';
import { verdictOn } from './questions/session-questions.ts';
import type { ClosedBars } from './replayed-feed.ts';
import type { CorporateActionEvent, Instruction } from '../effect.ts';
import { SessionLoop } from '../engine/session-loop.ts';
import type { SessionResult } from '../session-result.ts';
import type { TakenCommand } from './record/taken-command.ts';
import type { SessionStanding } from './session-store.ts';
import { LiveMarket } from './state/live-market.ts';
import { StateKeeper } from './state/state-keeper.ts';
import type { VenueEdge } from './venue/venue-edge.ts';

/**
 * How often an operator's commands are looked for, also while no bar comes, and how far the session is gets stored, in
 * wall time. The query takes half a millisecond. Closes after which nothing leaves to a venue are committed together
 * that often, or as soon as no other waits.
 */
const COMMAND_POLL_MS = 20;
/** How often splits on record are looked for while no bar brings them, in ms. */
const SPLITS_POLL_MS = 30_000;

/**
 * Runs the engine over a feed as it arrives. What each event led to is committed before any order of it leaves to a
 * venue, else together with what comes within 20 ms, and now and then the state of all of it. A restart is given the
 * same feed: up to the last state it only takes the bars; after it, a fresh engine and broker go on from there, the
 * journal compares instead of writing until it is past what was stored, and commands are repeated at their step; so a
 * killed session ends with the journal of one that was not.
 * @throws SignalboxError when a replay does not repeat its journal, or the database is lost.
 * @throws StateMisfit before anything new is done, where a replay from the start is to be tried.
 */
export async function runPaperSession(options: PaperSessionOptions): Promise<SessionResult> {
  const live = new LiveMarket(options);
  const { market } = live;
  const engine = createEngine({ ...options, takesOrders: options.commands !== undefined }, market);
  const { dayOf = utcDayOfClose, endsDay, extended } = options;
  const broker = options.broker({ market, account: engine.portfolio, dayOf, endsDay, extended });
  options.venue?.meet(engine);
  const symbols = options.instruments.map((instrument) => instrument.symbol);
  const log = new RefusalLog(symbols, options.journal);
  const keeper = new StateKeeper(options, { engine, broker, log });
  const session = new StreamingSession(options, { engine, broker, log, live, keeper });
  let isInHand = false;
  try {
    for await (const closed of meanwhile(options.feed, COMMAND_POLL_MS, () => session.takeCommands())) {
      if (options.signal?.aborted === true) break;
      isInHand = true;
      if (closed.goesLive === true) keeper.requireReached();
      options.latencies?.arrived(closed.closeTimeMs, options.eventClock !== undefined);
      await session.takeCommands(closed);
      if (keeper.passing) session.pass(closed);
      else if (closed.goesLive !== true) {
        session.quoted(closed);
        for (const step of live.steps(closed)) await session.step(step);
        await session.closed();
        options.onStep?.(engine.bars, session.replaying);
      }
      isInHand = false;
    }
    if (options.signal?.aborted !== true) {
      keeper.requireReached();
      // Orders at a venue outlive the process, and with them what they execute.
      if (broker.expire !== undefined) {
        engine.expire(session.timeMs);
        broker.expire(session.timeMs, session.loop.report);
      }
    }
    await session.commit();
    await session.tellStanding(0);
    await options.latencies?.flush();
    return sessionResult({ ...options, bars: market.series.map(({ bars }) => bars) }, engine, log);
  } catch (error) {
    // A feed that ends the session in words does so after the closes that it has brought.
    if (!isInHand && error instanceof SignalboxError) await session.commit();
    throw keeper.misfit(error);
  } finally {
    engine.strategy.end?.();
    await options.venue?.stop();
  }
}

/** The asynchronous edge around the shared loop: commit, then act. */
class StreamingSession {
  readonly loop: SessionLoop;
  timeMs = 0;
  readonly #options: PaperSessionOptions;
  readonly #engine: Engine;
  readonly #broker: Broker;
  readonly #live: LiveMarket;
  readonly #keeper: StateKeeper;
  readonly #faults: OwnFaults;
  readonly #clientOrderId: (sequence: number) => string;
  #steps = 0;
  #polledMs = -Infinity;
  #committedMs = -Infinity;
  /** Orders that are not on record yet, for whoever measures. */
  #uncommitted: number[] = [];
  readonly #telling = new BackgroundWrite();
  #toldMs = -Infinity;
  #toldSteps = 0;
  #splitsMs = -Infinity;
  /** The close in hand was given to the session before it was restarted. */
  #again = false;
  /** Bars come as they happen: the clock tells the moment. */
  #isLive = false;
  /** Commands that were taken at this step. */
  #commands = 0;
  /** Step whose commands of before a restart have been repeated. */
  #repeated = -1;

  constructor(
    options: PaperSessionOptions,
    parts: { engine: Engine; broker: Broker; log: RefusalLog; live: LiveMarket; keeper: StateKeeper },
  ) {
    this.#options = options;
    this.#live = parts.live;
    this.#keeper = parts.keeper;
    this.#faults = new OwnFaults(parts.engine.own, options);
    this.#engine = parts.engine;
    this.#broker = parts.broker;
    this.#clientOrderId = clientOrderIds(options.sessionId);
    this.loop = new SessionLoop({ engine: parts.engine, broker: parts.broker, journal: parts.log });
  }

  /**
   * What is in hand was done before a restart. The count of effects alone does not tell: quiet bars have none, and
   * commands are not to act among those that have passed.
   */
  get replaying(): boolean {
    const { journal, commands } = this.#options;
    if (this.#isLive) return false;
    return (
      this.#keeper.passing || this.#again || this.#steps <= (commands?.begun ?? -1) || journal.appended < journal.stored
    );
  }

  /** A close of before the state that the session goes on from: bars are there, and nothing is done about them. */
  pass(closed: ClosedBars): void {
    for (const step of this.#live.steps(closed)) {
      this.#steps += 1;
      this.timeMs = step.timeMs;
      while (this.#live.due(step) !== null);
    }
    this.#keeper.passed(this.#steps);
  }

  #due(step: MarketStep): CorporateActionEvent | null {
    return this.#live.due(step, this.#options.venue?.took);
  }

  /** So long ago, or the clock was put back since: operators are not to wait for as long. */
  #isPast(sinceMs: number, waitMs: number): boolean {
    return Math.abs(this.#options.clock() - sinceMs) >= waitMs;
  }

  /** A close is done: stores what of it is due. */
  async closed(): Promise<void> {
    const fault = this.#faults.fresh;
    // What the last decision led to is on record: its refusal says why nothing more is decided.
    if (fault !== null || this.#isPast(this.#committedMs, COMMAND_POLL_MS)) await this.commit();
    if (fault !== null) this.#faults.hear(fault, this.#isLive);
    this.#options.onSteps?.(this.#steps - 1);
    await this.#keeper.closed(this.#steps, this.replaying);
    await this.tellStanding(COMMAND_POLL_MS);
  }

  /** Makes everything so far durable, what the venue told before what it led to. */
  async commit(): Promise<void> {
    const { venue, journal, clock, onSteps, latencies } = this.#options;
    onSteps?.(this.#steps - 1);
    const orders = this.#uncommitted;
    this.#uncommitted = [];
    await venue?.commit();
    await journal.commit();
    // From its end: a slow disk does not make each close wait for one.
    this.#committedMs = clock();
    for (const sequence of orders) latencies?.mark(sequence, 'committed');
  }

  /** Hands the engine what was quoted last when `closed` came, which leaves no effect. */
  quoted({ bars }: ClosedBars): void {
    for (const { symbol, quote } of bars) if (quote) this.#engine.handle({ kind: 'quote', symbol, ...quote });
    this.#options.venue?.quoted(bars);
  }

  /** Takes the corporate actions that come before `step`, and then the step. */
  async step(step: MarketStep): Promise<void> {
    this.#steps += 1;
    this.#commands = 0;
    this.timeMs = step.timeMs;
    const { venue } = this.#options;
    for (let event = this.#due(step); event !== null; event = this.#due(step)) {
      this.loop.onAction(event);
      venue?.split(event);
    }
    const instructions = this.loop.onMarket(step);
    await this.#act(instructions);
    if (instructions.length === 0 || this.#broker.settle === undefined) return;
    for (let more = this.loop.settle(step); more.length > 0; more = this.loop.settle(step)) await this.#act(more);
  }

  /**
   * Operators' words take effect between two bars, at once: stamped with the clock of events where the session is live,
   * with the time of the step before where time is that of a replay.
   * @param closed the bars that come next; absent while nothing comes
   */
  async takeCommands(closed?: ClosedBars): Promise<void> {
    const { commands, clock, eventClock, venue } = this.#options;
    if (closed !== undefined) {
      this.#again = closed.again ?? false;
      this.#isLive ||= closed.goesLive ?? false;
    }
    if (this.#keeper.passing) return;
    // Before the first bar of a replay there is no time to stamp them with.
    const known = this.#isLive || this.timeMs > 0 || closed !== undefined;
    if (closed === undefined && (this.replaying || !known)) return;
    const before = this.timeMs === 0 ? (closed?.closeTimeMs ?? 0) : this.timeMs;
    if (this.#repeated !== this.#steps) {
      this.#repeated = this.#steps;
      await this.#repeat(before);
    }
    const momentMs = this.#isLive && eventClock !== undefined ? Math.max(eventClock(), this.timeMs) : null;
    if (commands !== undefined && !this.replaying && this.#isPast(this.#polledMs, COMMAND_POLL_MS)) {
      this.#polledMs = clock();
      const taken = await commands.take(this.#steps, momentMs);
      for (const command of taken) await this.#command(command, before).then(command.ends);
      await commands.answer?.((order) => verdictOn(this.#engine, this.#options, order, momentMs ?? before));
      if (closed === undefined && taken.length > 0) await this.tellStanding(0);
    }
    if (venue !== undefined && this.#isLive) await this.#takeVenue(venue, closed);
    if (closed !== undefined) return;
    // Nothing waits: what was done so far is committed, and where the session stands is told if it was not.
    await this.commit();
    if (this.#toldSteps !== this.#steps) await this.tellStanding(COMMAND_POLL_MS);
  }

  /** What was taken at this step before a restart, in the order in which it was. */
  async #repeat(beforeMs: number): Promise<void> {
    const { commands, venue } = this.#options;
    const again = [...(commands?.replayed(this.#steps) ?? [])];
    for (const { event, commands: count } of venue?.replayed(this.#steps) ?? []) {
      while (this.#commands < count && again.length > 0) await this.#command(again.shift()!, beforeMs);
      venue!.repeat(event, (one) => void this.#engine.handle(one));
      await this.#act(this.loop.caused());
    }
    for (const command of again) await this.#command(command, beforeMs);
  }

  async #command(taken: TakenCommand, beforeMs: number): Promise<void> {
    this.#commands += 1;
    const { command, limits } = taken;
    taken.begins?.();
    const timeMs = taken.timeMs ?? beforeMs;
    if (command === 'order') return this.#act(takeAsked(this.loop, this.#options, taken, timeMs));
    if (command !== 'limits') return this.#act(this.loop.onCommand({ kind: 'command', timeMs, command }));
    await this.#act(this.loop.onCommand({ kind: 'limits', timeMs, limits: limits! }));
    await this.#options.onLimits?.(limits!);
  }

  /** Takes what the venue has told. Bars wait until it has agreed with the books once. */
  async #takeVenue(venue: VenueEdge, closed?: ClosedBars): Promise<void> {
    venue.goLive();
    await this.#lookForSplits(venue);
    if (venue.take({ step: this.#steps, commands: this.#commands }, (event) => void this.#engine.handle(event))) {
      await this.#act(this.loop.caused());
      await this.tellStanding(0);
    } else venue.act();
    if (closed === undefined || closed.bars.length === 0) return;
    while (!venue.ready && this.#options.signal?.aborted !== true) {
      await sleep(COMMAND_POLL_MS);
      await this.takeCommands();
    }
  }

  /** What is on record of splits, now and then: the venue is in new units before the first bar is. */
  async #lookForSplits(venue: VenueEdge): Promise<void> {
    const { dueSplits, clock, eventClock = clock } = this.#options;
    if (dueSplits === undefined || Math.abs(clock() - this.#splitsMs) < SPLITS_POLL_MS) return;
    this.#splitsMs = clock();
    const due = await dueSplits(eventClock());
    const fresh = due.filter(({ symbol, action }) => !venue.took(symbol, action));
    venue.know(fresh.map(({ symbol, action }) => ({ symbol, ratio: action.value })));
  }

  /**
   * Says where the session stands, unless it is catching up or has said so within the last `paceMs` of wall time.
   * With a pace the close does not wait for it: where the last one is not written yet, this one is left out.
   */
  async tellStanding(paceMs: number): Promise<void> {
    const { onStanding, onMark, clock } = this.#options;
    if (paceMs === 0) await this.#telling.settle();
    if (onStanding === undefined || this.replaying || this.timeMs === 0) return;
    const { portfolio, risk } = this.#engine;
    onMark?.(portfolio, this.timeMs);
    if (!this.#isPast(this.#toldMs, paceMs)) return;
    const positions = heldPositions(portfolio, this.#options.instruments);
    const at = { lastCloseMs: this.timeMs, step: this.#steps - 1, killState: risk.state.killState };
    const standing = { ...at, equity: portfolio.equity, positions };
    if (this.#telling.start(() => this.#tell(onStanding, standing))) {
      this.#toldMs = clock();
      this.#toldSteps = this.#steps;
    }
    if (paceMs === 0) await this.#telling.settle();
  }

  async #tell(onStanding: (standing: SessionStanding) => Promise<void>, standing: SessionStanding): Promise<void> {
    const { instruments, latencies, limits, strategy, dayOf = utcDayOfClose, onBooks } = this.#options;
    const { portfolio } = this.#engine;
    await latencies?.flush();
    await onStanding(standing);
    await onBooks?.({ portfolio, instruments, limits, strategy: strategy.name, dayOf }, standing.lastCloseMs);
  }

  /**
   * Instructions leave to a venue once what led to them is committed. A simulated one is a part of the session: what
   * was not committed did not happen, there and here.
   */
  async #act(instructions: readonly Instruction[]): Promise<void> {
    const { venue, latencies } = this.#options;
    const timed = this.replaying || latencies === undefined ? null : latencies;
    const orders = timed === null ? [] : instructions.filter(({ kind }) => kind === 'order');
    for (const { sequence, timeMs } of orders) {
      timed!.decided(sequence, timeMs);
      this.#uncommitted.push(sequence);
    }
    if (venue !== undefined && (instructions.length > 0 || venue.hasPending)) await this.commit();
    for (const instruction of instructions) {
      const { sequence, timeMs } = instruction;
      if (instruction.kind === 'amend') await this.#broker.amend(instruction.order, timeMs, this.loop.report);
      else if (instruction.kind === 'cancel') await this.#broker.cancel(sequence, timeMs, this.loop.report);
      else await this.#broker.submit(instruction, this.#clientOrderId(sequence), this.loop.report);
    }
    venue?.act();
    const caused = this.loop.caused();
    if (caused.length > 0) await this.#act(caused);
  }
}
