import type { AskedEvent, Command, Fill, StateEffect } from '../../effect.ts';
import type { OrderProposal } from '../../orders/approved-order.ts';
import type { Condition } from '../../venue-event.ts';
import type { Closings } from '../closings.ts';
import type { EngineParts } from '../engine-parts.ts';
import type { OrderDesk } from '../order-desk.ts';
import type { Guard } from '../position-guard.ts';
import type { Silence } from '../../strategies/own/silence.ts';
import type { TightenedLimits } from '../../risk/change/tightened-limits.ts';
import type { Foreseen } from './foresee.ts';
import { AskedOrders } from './asked-orders.ts';

/** What works and waits in an engine, to be ended. */
interface Stoppable {
  /** Orders that strategies place by themselves, and those that are executed in parts. */
  readonly cancelOwn: (timeMs: number, which: 'openings' | 'all', by?: number) => void;
  /** The parent order that a key of a reservation belongs to ends with what it has; false where it belongs to none. */
  readonly endParent: (timeMs: number, key: number) => boolean;
  readonly guard: Guard | null;
  readonly desk: OrderDesk | null;
  readonly closings: Closings;
  /** Risk is asked for an order of the kind that signals lead to. */
  readonly order: (proposal: OrderProposal) => void;
  readonly foresee: (proposal: OrderProposal) => Foreseen;
}

/** Words of operators, limits that were reached and conditions: what becomes of orders and positions by them. */
export class KillSwitch {
  readonly #parts: EngineParts;
  readonly #stoppable: Stoppable;
  /** Orders that somebody outside asks for. */
  readonly asked: AskedOrders;

  constructor(parts: EngineParts, stoppable: Stoppable) {
    this.#parts = parts;
    this.#stoppable = stoppable;
    this.asked = new AskedOrders(parts, stoppable);
  }

  /** An operator's word takes effect at once: openings stop, orders are cancelled, or all is closed. */
  obey(event: Command | AskedEvent): void {
    if (event.kind === 'asked') return this.asked.take(event);
    const { command, timeMs, kind } = event;
    const { risk, emit } = this.#parts;
    const { cancelOwn, closings } = this.#stoppable;
    const wasStopped = risk.state.isStopped;
    emit(risk.state.onCommand({ kind, timeMs, command }));
    if (risk.state.isStopped) return this.#endAll(timeMs);
    // No kill switch leaves an order that would open.
    if (command !== 'resume') cancelOwn(timeMs, command === 'flatten' ? 'all' : 'openings');
    if (command !== 'resume') closings.cancelWorking(timeMs, command === 'halt' ? 'openings' : 'all');
    if (command === 'flatten') closings.flatten(timeMs);
    if (wasStopped) this.#protectAgain(timeMs);
  }

  /** Records what stops openings, and cancels the orders that would open; all of them in an emergency. */
  stopped(timeMs: number, effects: readonly StateEffect[]): void {
    const { risk, emit } = this.#parts;
    for (const effect of effects) emit(effect);
    if (risk.state.isStopped) this.#endAll(timeMs);
    else this.#cancelOpenings(timeMs);
  }

  /**
   * Limits that allow less than before hold: openings that they would not allow any more are cancelled, each with the
   * limit that it would break. What closes stays.
   */
  onTightened(timeMs: number, tightened: TightenedLimits): void {
    const { lanes, emit, refuse } = this.#parts;
    const signals = lanes.flatMap(({ working: sequence, reducing }, symbol) =>
      sequence === 0 || reducing ? [] : [{ symbol, sequence }],
    );
    for (const { key, symbol, why } of tightened.excess(signals)) {
      refuse('risk', { timeMs, symbol }, why);
      if (!this.#stoppable.endParent(timeMs, key) && key > 0) emit({ kind: 'cancel', timeMs, symbol, sequence: key });
    }
  }

  /**
   * The position moved by what no order explains. An order of a signal that would move it as far again was approved for
   * another position: it is cancelled, and what of it is filled before that is booked.
   */
  onMoved({ symbol, quantity, timeMs }: Fill): void {
    const { lanes, orders, risk, emit } = this.#parts;
    const { working, reducing } = lanes[symbol]!;
    this.#stoppable.desk?.trim(symbol, timeMs);
    if (working === 0 || reducing || risk.state.killState !== 'run') return;
    if (orders.sideOf(working) * quantity > 0) emit({ kind: 'cancel', timeMs, symbol, sequence: working });
  }

  /** Neither an order that has not been filled nor what is left of one opens anything from here on. */
  #cancelOpenings(timeMs: number): void {
    const { cancelOwn, closings } = this.#stoppable;
    cancelOwn(timeMs, 'openings');
    closings.cancelWorking(timeMs, 'openings');
  }

  /** A part of the session decides nothing any more: what that strategy left working to open is cancelled. */
  onSilence(timeMs: number, silence: Pick<Silence, 'by' | 'asked'>): void {
    const { risk, emit } = this.#parts;
    emit(risk.state.onSilence(timeMs, silence));
    if (silence.by === 0) this.#cancelOpenings(timeMs);
    if (silence.by > 0) this.#stoppable.cancelOwn(timeMs, 'openings', silence.by);
  }

  /** A condition is recorded where it has come to another step of the table, and what that says is done. */
  onCondition(condition: Condition): void {
    const { risk, emit } = this.#parts;
    const { name: cause, timeMs, value } = condition;
    const change = risk.state.conditions.take(condition);
    if (change === null) return;
    const { step, limit } = change;
    emit({ kind: 'state', timeMs, state: risk.state.killState, cause, value, limit });
    if (step?.cancelsOpenings === true) this.#cancelOpenings(timeMs);
    const stopped = step?.stops === true ? risk.state.stopFor(timeMs, { cause, value, limit }) : null;
    if (stopped !== null) this.stopped(timeMs, [stopped]);
  }

  /** Whatever is left while all is to be closed: what an order that has ended leaves is closed at once. */
  closeRest(timeMs: number): void {
    if (this.#parts.risk.state.killState === 'stop-flatten') this.#stoppable.closings.flatten(timeMs);
  }

  /** Nothing works and nothing waits any more; where it says so, what is held is closed. */
  #endAll(timeMs: number): void {
    const { cancelOwn, guard, closings } = this.#stoppable;
    cancelOwn(timeMs, 'all');
    closings.cancelWorking(timeMs, 'all');
    this.#parts.lanes.forEach((_, symbol) => guard?.uncover(symbol, timeMs));
    this.closeRest(timeMs);
  }

  /** Positions that were left without their exits get them again. */
  #protectAgain(timeMs: number): void {
    const { guard } = this.#stoppable;
    const { lanes } = this.#parts;
    lanes.forEach(({ working, reducing }, symbol) => {
      if (guard?.isBare(symbol) === true && (working === 0 || !reducing)) guard.cover(symbol, timeMs);
    });
  }
}
