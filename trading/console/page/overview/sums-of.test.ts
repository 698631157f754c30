import { expect, it } from 'vitest';
import type { Account, Session } from '../service/shapes.ts';
import { sumsOf, type OverviewRow } from './sums-of.ts';

function row(id: string, currency: string | null, equity: number, state = 'running'): OverviewRow {
  const session = { session: id, state, equity, capital: 1 } as Session;
  const ours = { equity, dayPnl: equity / 10, gross: equity / 2 };
  return { session, account: { session: id, currency, ours } as unknown as Account };
}

it('adds up accounts of one currency, and never those of two', () => {
  const rows = [row('a', 'USD', 100), row('b', 'EUR', 7), row('c', 'USD', 50), row('d', 'USD', 1_000, 'ended')];
  expect(sumsOf(rows)).toEqual([
    { currency: 'USD', session: null, equity: 150, dayPnl: 15, gross: 75 },
    { currency: 'EUR', session: null, equity: 7, dayPnl: 0.7, gross: 3.5 },
  ]);
});

it('leaves an account by itself whose currency is not on record', () => {
  const sums = sumsOf([row('a', null, 100), row('b', null, 50)]);
  expect(sums.map(({ session, equity }) => [session, equity])).toEqual([
    ['a', 100],
    ['b', 50],
  ]);
});
