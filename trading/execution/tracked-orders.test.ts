import { describe, expect, it } from 'vitest';
import type { ApprovedBefore, ApprovedOrder } from '../orders/approved-order.ts';
import { TrackedOrder } from './tracked-order.ts';
import { TrackedOrders } from './tracked-orders.ts';

function tracked(sequence: number): TrackedOrder {
  const order = { sequence, quantity: 1, symbol: 0 } as ApprovedOrder;
  return new TrackedOrder(order, `id-${sequence}`, { nowMs: 0, leaving: 'held' });
}

describe('the orders of a session', () => {
  it('that have not ended are a list of its own, oldest first, with those that work after all', () => {
    const orders = new TrackedOrders();
    const [one, two, three] = [1, 2, 3].map(tracked);
    for (const order of [one!, two!, three!]) orders.add(order);
    const before = orders.working;
    expect(orders.working).toBe(before);
    two!.state = 'CANCELED';
    orders.moved(two);
    expect(orders.working).toEqual([one, three]);
    expect(before).toHaveLength(3);
    two!.state = 'ACCEPTED';
    orders.moved(two);
    expect(orders.working).toEqual([one, two, three]);
  });

  it('that ended long ago are forgotten with every name of theirs, and no other is', () => {
    const orders = new TrackedOrders(4);
    const works = tracked(1);
    orders.add(works);
    for (let sequence = 2; sequence <= 5; sequence++) {
      const order = tracked(sequence);
      orders.add(order);
      orders.name(order, `venue-${sequence}`);
      order.state = 'FILLED';
      orders.moved(order);
    }
    orders.add(tracked(6));
    expect(orders.get(1)).toBe(works);
    expect([2, 3, 4].map((sequence) => orders.get(sequence))).toEqual([undefined, undefined, undefined]);
    expect(['id-2', 'venue-2', 'venue-4'].map((name) => orders.named(name))).toEqual([undefined, undefined, undefined]);
    expect(orders.named('id-1')).toBe(works);
    expect(orders.named('venue-5')?.sequence).toBe(5);
  });

  it('that took over what left with their entry have its names after a restart, and are still a pair', () => {
    const orders = new TrackedOrders();
    const [target, stop] = [1, 2].map(tracked);
    target!.pairWith(stop!);
    for (const order of [target!, stop!]) {
      orders.add(order);
      order.takeLeg(`venue-${order.sequence}`, { nowMs: 0, differs: false, mayEnd: false });
      orders.name(order, `venue-${order.sequence}`);
    }
    const again = new TrackedOrders();
    const approved = ((order) => order) as ApprovedBefore;
    again.restore(orders.save(), { approved, clientOrderId: (sequence) => `id-${sequence}`, nowMs: 1 });
    const [targetAgain, stopAgain] = [again.get(1)!, again.get(2)!];
    expect(stopAgain.pair).toBe(targetAgain);
    expect([targetAgain, stopAgain].map(({ venueName }) => venueName)).toEqual(['venue-1', 'venue-2']);
    expect(again.named('venue-2')).toBe(stopAgain);
  });

  it('that were being asked for when our clock was put are asked for again: that answer proves nothing', () => {
    const orders = new TrackedOrders();
    const [one, two] = [1, 2].map(tracked);
    for (const order of [one!, two!]) orders.add(order);
    one!.asking = true;
    orders.clockStepped(-3_600_000);
    const absent = (sequence: number) =>
      orders.heard({ kind: 'looked-up', sequence, beganMs: 0, answer: { found: 'absent' } }).answer.found;
    expect([absent(1), absent(2), absent(1)]).toEqual(['unreadable', 'absent', 'absent']);
    expect(one!.sinceMs).toBe(-3_600_000);
  });
});
