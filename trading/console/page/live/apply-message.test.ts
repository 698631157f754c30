import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { applyMessage, withChanges } from './apply-message.ts';

const keyOf = ({ id }: { id: string }): string => id;
const message = { sequence: 1, timeMs: 0 };

it('puts rows that changed in their places, new ones in front, and takes others out', () => {
  const before = [
    { id: 'a', at: 1 },
    { id: 'b', at: 1 },
    { id: 'c', at: 1 },
  ];
  const rows = [
    { id: 'd', at: 2 },
    { id: 'b', at: 2 },
  ];
  expect(withChanges(before, { rows, removed: ['c'] }, keyOf)).toEqual([
    { id: 'd', at: 2 },
    { id: 'a', at: 1 },
    { id: 'b', at: 2 },
  ]);
});

it('changes what screens show of sessions, accounts and positions, and nothing that nobody has asked for', () => {
  const queries = new QueryClient();
  queries.setQueryData(['sessions'], [{ session: 'one', equity: 1 }]);
  queries.setQueryData(['positions', 'one'], { session: 'one', positions: [{ symbol: 'AAA', quantity: 1 }] });
  const update = (channel: string, rows: unknown[], removed: string[] = []): void =>
    applyMessage(queries, { ...message, type: 'update', channel, data: { rows, removed } });
  update('sessions', [{ session: 'one', equity: 2 }]);
  update('positions:one', [{ symbol: 'BBB', quantity: 3 }], ['AAA']);
  update('account:one', [{ session: 'one', cash: 1 }]);
  expect(queries.getQueryData(['sessions'])).toEqual([{ session: 'one', equity: 2 }]);
  expect(queries.getQueryData(['positions', 'one'])).toEqual({
    session: 'one',
    positions: [{ symbol: 'BBB', quantity: 3 }],
  });
  expect(queries.getQueryData(['accounts', 'one'])).toBeUndefined();
});

it('puts new rows into the first page of a list at once, in their order, and no more of them than a page has', () => {
  const queries = new QueryClient();
  const key = ['/api/v1/fills', { session: 'one', symbol: 'AAA' }];
  const fills = Array.from({ length: 200 }, (_, at) => ({ record: 300 - at, symbol: 'AAA', price: 1 }));
  queries.setQueryData(key, { pages: [{ session: 'one', fills, next: null }], pageParams: [null] });
  const rows = [
    { record: 302, symbol: 'AAA', price: 2 },
    { record: 303, symbol: 'BBB', price: 2 },
    { record: 250, symbol: 'AAA', price: 3 },
  ];
  applyMessage(queries, { ...message, type: 'update', channel: 'fills:one', data: { rows, removed: ['101'] } });
  const [page] = queries.getQueryData<{ pages: { fills: typeof fills; next: string | null }[] }>(key)!.pages;
  expect(page!.fills).toHaveLength(200);
  expect(page!.fills[0]).toEqual(rows[0]);
  expect(page!.fills.find(({ record }) => record === 250)).toEqual(rows[2]);
  expect(page!.next).toBe('102');
  expect(queries.getQueryState(key)!.isInvalidated).toBe(false);
});

it('asks anew for the first page of a list that shows some alone, and not for what somebody reads further down', () => {
  const queries = new QueryClient();
  const page = { orders: [], next: null };
  const near = ['/api/v1/orders', { session: 'one', state: 'working' }];
  const far = ['/api/v1/orders', { session: 'one', state: 'FILLED' }];
  const other = ['/api/v1/orders', { session: 'two' }];
  queries.setQueryData(near, { pages: [page], pageParams: [null] });
  queries.setQueryData(far, { pages: [page, page], pageParams: [null, '1'] });
  queries.setQueryData(other, { pages: [page], pageParams: [null] });
  applyMessage(queries, { ...message, type: 'update', channel: 'orders:one', data: { rows: [], removed: [] } });
  const isAsked = (key: readonly unknown[]): boolean => queries.getQueryState(key)!.isInvalidated;
  expect([near, far, other].map(isAsked)).toEqual([true, false, false]);
});
