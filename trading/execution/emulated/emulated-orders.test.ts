import { describe, expect, it } from 'vitest';
import { alpacaCapabilities } from '../../brokers/alpaca/alpaca-capabilities.ts';
import type { VenueBroker } from '../../brokers/venue/venue-broker.ts';
import type { ApprovedOrder } from '../../orders/approved-order.ts';
import type { OrderTerms } from '../../orders/order-terms.ts';
import { share } from '../../testing/venue/alpaca/alpaca-in-hand.ts';
import { DEFAULT_PATIENCE } from '../venue-patience.ts';
import { TrackedOrder } from '../tracked-order.ts';
import { TrackedOrders } from '../tracked-orders.ts';
import { MarketHours } from '../watch/market-hours.ts';
import { EmulatedOrders } from './emulated-orders.ts';

const base = { role: 'order', price: 90, trail: 0, trailShare: 0, group: 1, conditions: null } as const;

/** Sales of 10.5 shares that are on record; those of `rests` rest at the venue. */
function placed(terms: readonly OrderTerms[], rests: readonly number[]) {
  const orders = new TrackedOrders();
  const hours = new MarketHours();
  const broker = { name: 'alpaca', capabilities: alpacaCapabilities } as VenueBroker;
  const instruments = [{ ...share('AAPL'), lot: 0.001 }];
  const options = { broker, instruments, hours, patience: DEFAULT_PATIENCE, post: () => undefined };
  const emulated = new EmulatedOrders({ ...options, note: () => undefined }, orders);
  const sales = terms.map((one, index) => {
    const order = { sequence: index + 1, quantity: -10.5, symbol: 0, reduces: true, terms: one } as ApprovedOrder;
    const tracked = new TrackedOrder(order, `id-${index + 1}`, { nowMs: 0, leaving: 'held' });
    orders.add(tracked);
    emulated.take(tracked);
    if (!rests.includes(index)) return tracked;
    return Object.assign(tracked, { leaving: 'sent', state: 'ACCEPTED', shown: true });
  });
  const saw = (price: number, atMs = 0): void => emulated.saw(0, { bid: price, ask: price }, atMs);
  return { sales, emulated, hours, saw };
}

const SHUT = { isOpen: false, nextOpenMs: 1_000_000, nextCloseMs: 2_000_000 };
const OPEN = { ...SHUT, isOpen: true };
const pair: OrderTerms[] = [
  { ...base, type: 'stop' },
  { ...base, type: 'limit', price: 110 },
];

describe('a target beside a stop', () => {
  it('takes its place in trading hours alone', () => {
    const { sales, emulated, hours, saw } = placed(pair, [0]);
    const [stop, target] = sales as [TrackedOrder, TrackedOrder];
    hours.note(SHUT, 0);
    saw(111);
    emulated.look(1);
    expect([stop.emulation.parking, emulated.waits(target)]).toEqual(['none', true]);
    hours.note(OPEN, 2);
    emulated.look(3);
    expect([stop.emulation.parking, emulated.waits(target)]).toEqual(['asked', true]);
    // Its cancel is proven.
    Object.assign(stop, { leaving: 'held', shown: false });
    stop.emulation.parking = 'none';
    expect([emulated.waits(stop), emulated.waits(target)]).toEqual([true, false]);
  });

  it('is not followed by the stop before a while, and waits longer each time after that', () => {
    const { sales, emulated, saw } = placed(pair, []);
    const [stop, target] = sales as [TrackedOrder, TrackedOrder];
    const turns: string[] = [];
    saw(111);
    for (let ms = 0; ms <= 100_000; ms += 1_000) {
      emulated.look(ms);
      const turn = emulated.waits(stop) ? 'target' : 'stop';
      if (turns.at(-1)?.endsWith(turn) !== true) turns.push(`${ms / 1_000} ${turn}`);
      // What has its turn works at once, and is taken back at once.
      for (const [one, its] of [
        [stop, 'stop'],
        [target, 'target'],
      ] as const) {
        const rests = its === turn;
        if (rests && one.leaving === 'held') Object.assign(one, { leaving: 'sent', state: 'ACCEPTED', tryMs: ms });
        if (one.emulation.parking !== 'asked') continue;
        Object.assign(one, { leaving: 'held' });
        one.emulation.parking = 'none';
      }
    }
    // Thirty seconds and its cancel, though the price is there; the stop has 10 s of its own, then 20 s.
    expect(turns).toEqual(['0 target', '31 stop', '40 target', '71 stop', '90 target']);
  });
});

describe('a trailing stop', () => {
  it('is moved in trading hours alone', () => {
    const trailing: OrderTerms = { ...base, group: 0, type: 'trailing', trailShare: 0.1 };
    const { sales, emulated, hours, saw } = placed([trailing], [0]);
    const [stop] = sales as [TrackedOrder];
    hours.note(SHUT, 0);
    saw(120);
    emulated.look(10_000);
    expect(stop.emulation).toMatchObject({ parking: 'none', trail: { level: 90, best: 108 } });
    hours.note(OPEN, 10_001);
    emulated.look(10_002);
    expect(stop.emulation.parking).toBe('asked');
    expect(emulated.termsOf(stop)).toMatchObject({ type: 'stop', price: 108, trailShare: 0 });
  });
});
