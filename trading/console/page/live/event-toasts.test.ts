import { beforeEach, expect, it } from 'vitest';
import { EventToasts, showEvents, type LiveEvent } from './event-toasts.ts';

interface Toast {
  readonly id?: string | undefined;
  readonly title?: unknown;
  readonly message: unknown;
  readonly autoClose?: unknown;
}

let nowMs: number;
let shown: Map<string, Toast>;
let calls: number;
let toasts: EventToasts;
const event = (more: Partial<LiveEvent>): LiveEvent => ({
  id: 'fill:s:1',
  kind: 'fill',
  session: 's',
  severity: 'info',
  words: 'Bought 1 AAA at 2',
  ...more,
});
const message = (channel: string, data: unknown) => ({ type: 'event', channel, sequence: 1, timeMs: 0, data }) as const;

beforeEach(() => {
  nowMs = 0;
  calls = 0;
  shown = new Map();
  const take = (toast: Toast): string => {
    calls += 1;
    shown.set(toast.id!, toast);
    return toast.id!;
  };
  toasts = new EventToasts({ show: take, update: take }, () => nowMs);
});

it('makes one toast of a flood, with how many there were', () => {
  toasts.take(Array.from({ length: 40 }, (_, at) => event({ id: `fill:s:${at}` })));
  nowMs = 1_000;
  toasts.take([event({ id: 'fill:s:40', words: 'Sold 3 BBB at 9' }), event({ id: 'refusal:s:1', kind: 'refusal' })]);
  expect([...shown.values()].map(({ title }) => title)).toEqual(['41 fills of s', 'Refusal of s']);
  expect(shown.get('fill s')!.message).toBe('The last: Sold 3 BBB at 9');
  expect(calls).toBe(3);
});

it('begins anew after a quiet time, and leaves what is critical until somebody closes it', () => {
  toasts.take([event({})]);
  nowMs = 6_000;
  toasts.take([event({ id: 'fill:s:2' }), event({ kind: 'stop', severity: 'critical', words: 'is held back: stop' })]);
  expect(shown.get('fill s')).toMatchObject({ title: 'Fill of s', autoClose: 5_000 });
  expect(shown.get('stop critical s')).toMatchObject({ message: 'is held back: stop', autoClose: false });
});

it('tells of a stop once where two channels do, and not what the service says of a channel', () => {
  const stop = event({ kind: 'stop' });
  showEvents(toasts, message('events', [stop]), true);
  showEvents(toasts, message('events:s', [stop, event({})]), true);
  showEvents(toasts, message('orders:none', { code: 'not-found', words: 'there is none' }), true);
  expect([...shown.values()].map(({ title }) => title)).toEqual(['Change of state of s', 'Fill of s']);
  showEvents(toasts, message('events:other', [event({ kind: 'stop', session: 'other' })]), false);
  expect(shown.has('stop other')).toBe(true);
});

it('leaves alerts to the bell, which knows what whoever is signed in has chosen', () => {
  const alert = event({ kind: 'alert', severity: 'critical' });
  showEvents(toasts, message('events', [alert]), true);
  showEvents(toasts, message('events:s', [alert]), false);
  expect(calls).toBe(0);
});
