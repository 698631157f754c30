import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OrderRegister } from './order-register.ts';
import { nextOrderStateCode, ORDER_STATES, orderStateCode, type OrderState } from './order-state.ts';
import { describeWith, REFERENCE_DIR } from '../../infra/testing/requirements.ts';

const folder = REFERENCE_DIR;
const file = join(folder, 'order-fsm/transitions.json');

describeWith('reference', 'order states against the reference transitions', () => {
  it('lands every allowed pair where the reference says and refuses every other', () => {
    const { nautilus } = JSON.parse(readFileSync(file, 'utf8')) as {
      nautilus: { states: OrderState[]; transitions: { from: OrderState; event: OrderState; to: OrderState }[] };
    };
    expect([...ORDER_STATES].sort()).toEqual([...nautilus.states].sort());
    const allowed = new Map(nautilus.transitions.map(({ from, event, to }) => [`${from} ${event}`, to]));
    for (const from of ORDER_STATES) {
      for (const event of ORDER_STATES) {
        const next = nextOrderStateCode(orderStateCode(from), orderStateCode(event));
        expect(`${from} ${event} ${ORDER_STATES[next] ?? 'refused'}`).toBe(
          `${from} ${event} ${allowed.get(`${from} ${event}`) ?? 'refused'}`,
        );
      }
    }
  });
});

describe('OrderRegister', () => {
  it('changes nothing when an event is refused', () => {
    const book = new OrderRegister();
    const sequence = book.add(3);
    expect(book.apply(sequence, 'FILLED')).toBe(true);
    for (const event of ORDER_STATES) {
      expect(book.apply(sequence, event)).toBe(false);
      expect(ORDER_STATES[book.stateOf(sequence)]).toBe('FILLED');
    }
    expect(book.apply(99, 'FILLED')).toBe(false);
    expect(book.symbolOf(sequence)).toBe(3);
  });
});
