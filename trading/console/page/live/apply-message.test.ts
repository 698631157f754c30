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

it('asks anew for the first page of a list, and not for what somebody reads further down', () => {
  const queries = new QueryClient();
  const page = { orders: [], next: null };
  const near = ['/api/v1/orders', { session: 'one' }];
  const far = ['/api/v1/orders', { session: 'one', state: 'FILLED' }];
  const other = ['/api/v1/orders', { session: 'two' }];
  queries.setQueryData(near, { pages: [page], pageParams: [null] });
  queries.setQueryData(far, { pages: [page, page], pageParams: [null, '1'] });
  queries.setQueryData(other, { pages: [page], pageParams: [null] });
  applyMessage(queries, { ...message, type: 'update', channel: 'orders:one', data: { rows: [], removed: [] } });
  const isAsked = (key: readonly unknown[]): boolean => queries.getQueryState(key)!.isInvalidated;
  expect([near, far, other].map(isAsked)).toEqual([true, false, false]);
});
