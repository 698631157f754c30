import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OrderRegister } from './order-register.ts';
import {
  FINAL_STATES,
  nextOrderStateCode,
  ORDER_STATES,
  orderStateCode,
  stateAfterFill,
  type OrderState,
} from './order-state.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';

/** What operators of real venues need beside the reference, and executions, which leave its table. */
const ADDED_STATES = new Set<OrderState>(['PENDING_SUBMIT', 'UNKNOWN', 'LOST']);
const FILLS = new Set<OrderState>(['FILLED', 'PARTIALLY_FILLED']);
/** Seen working at the venue after all. */
const ADDED_ROWS = new Map<string, OrderState>([
  ['CANCELED ACCEPTED', 'ACCEPTED'],
  ['REJECTED ACCEPTED', 'ACCEPTED'],
]);

const folder = REFERENCE_DIR;
const file = join(folder, 'order-fsm/transitions.json');

describeWith('reference', 'order states against the reference transitions', () => {
  it('lands every allowed pair where the reference says and refuses every other', () => {
    const { nautilus } = JSON.parse(readFileSync(file, 'utf8')) as {
      nautilus: { states: OrderState[]; transitions: { from: OrderState; event: OrderState; to: OrderState }[] };
    };
    const ours = ORDER_STATES.filter((state) => !ADDED_STATES.has(state));
    expect([...ours].sort()).toEqual([...nautilus.states].sort());
    const rows = nautilus.transitions.filter(({ event }) => !FILLS.has(event));
    expect(rows).toHaveLength(48);
    const allowed = new Map(rows.map(({ from, event, to }) => [`${from} ${event}`, to]));
    for (const from of ours) {
      for (const event of ours) {
        const key = `${from} ${event}`;
        const next = ORDER_STATES[nextOrderStateCode(orderStateCode(from), orderStateCode(event))];
        expect(`${key} ${next ?? 'refused'}`).toBe(`${key} ${allowed.get(key) ?? ADDED_ROWS.get(key) ?? 'refused'}`);
      }
    }
  });
});

describe('the states and rows that the reference has not', () => {
  it('are these and no others', () => {
    const found = ORDER_STATES.flatMap((from) =>
      ORDER_STATES.filter((event) => ADDED_STATES.has(from) || ADDED_STATES.has(event))
        .filter((event) => nextOrderStateCode(orderStateCode(from), orderStateCode(event)) >= 0)
        .map((event) => `${from} ${event}`),
    );
    const venue = ['SUBMITTED', 'ACCEPTED', 'TRIGGERED', 'PENDING_CANCEL', 'CANCELED', 'REJECTED', 'EXPIRED'];
    const working = ['SUBMITTED', 'ACCEPTED', 'TRIGGERED', 'PENDING_UPDATE', 'PENDING_CANCEL', 'PARTIALLY_FILLED'];
    expect(found.sort()).toEqual(
      [
        ...['INITIALIZED', 'RELEASED'].map((from) => `${from} PENDING_SUBMIT`),
        ...working.map((from) => `${from} UNKNOWN`),
        ...['PENDING_SUBMIT', 'UNKNOWN'].flatMap((from) => venue.map((state) => `${from} ${state}`)),
        'PENDING_SUBMIT UNKNOWN',
        'UNKNOWN LOST',
        'LOST ACCEPTED',
      ].sort(),
    );
  });

  it('take an execution in any state, and a part of one reopens nothing that has ended', () => {
    for (const from of ORDER_STATES) {
      expect(ORDER_STATES[stateAfterFill(orderStateCode(from), true)]).toBe('FILLED');
      const kept = FINAL_STATES.includes(from) || from === 'PENDING_CANCEL' || from === 'PENDING_UPDATE';
      expect(ORDER_STATES[stateAfterFill(orderStateCode(from), false)]).toBe(kept ? from : 'PARTIALLY_FILLED');
    }
  });
});

describe('OrderRegister', () => {
  it('changes nothing when an event is refused', () => {
    const register = new OrderRegister();
    const sequence = register.add(3, 10);
    expect(register.applyFill(sequence, 10, false)).toBe('expected');
    for (const event of ORDER_STATES) {
      expect(register.apply(sequence, event)).toBe(false);
      expect(ORDER_STATES[register.stateOf(sequence)]).toBe('FILLED');
    }
    expect(register.apply(99, 'FILLED')).toBe(false);
    expect(register.symbolOf(sequence)).toBe(3);
  });

  it('knows parts that add up, those that come late, and those that are too much', () => {
    const register = new OrderRegister();
    const sequence = register.add(0, 0.3);
    for (const part of [0.1, 0.1, 0.1]) expect(register.applyFill(sequence, part, false)).toBe('expected');
    expect(ORDER_STATES[register.stateOf(sequence)]).toBe('FILLED');
    expect(register.applyFill(sequence, 0.1, false)).toBe('overfill');
    expect(register.applyFill(0, 1, false)).toBe('foreign-fill');
    const cancelled = register.add(0, 8);
    register.apply(cancelled, 'CANCELED');
    expect(register.applyFill(cancelled, 3, false)).toBe('late-fill');
    expect(ORDER_STATES[register.stateOf(cancelled)]).toBe('CANCELED');
    // In new units after a split.
    const split = register.add(0, 4);
    register.applyFill(split, 1, false);
    register.restate(split, 2);
    expect([register.orderedOf(split), register.filledOf(split)]).toEqual([8, 2]);
    expect(register.applyFill(split, 6, false)).toBe('expected');
    expect(register.isFinal(split)).toBe(true);
  });
});
