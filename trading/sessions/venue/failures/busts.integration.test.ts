import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heldAt } from '../../../testing/venue/placing-session.ts';
import { sessionInHand, venueInHand, type SessionInHand } from '../../../testing/venue/session-in-hand.ts';
import { NO_FAULTS } from '../../../testing/venue/stand-in-faults.ts';
import {
  amountOf,
  orderJson,
  parseAmount,
  times,
  type StandInExecution,
} from '../../../testing/venue/stand-in-order.ts';
import type { StandInVenue } from '../../../testing/venue/stand-in-venue.ts';

// Executions that Alpaca takes back, or corrects, as its stream tells it.

let venue: StandInVenue;
let session: SessionInHand;

beforeEach(async () => {
  venue = await venueInHand();
  session = await sessionInHand(venue);
  session.close('HOLD');
  await session.until('it is ready', () => session.edge.ready && session.record.bars.length === 1);
});
afterEach(async () => {
  await session.end();
  await venue.stop();
});

async function bought(): Promise<StandInExecution> {
  session.close('BUY');
  await session.until('it is filled', () => venue.books.executions.length === 1);
  await session.settled();
  return venue.books.executions[0]!;
}

/** The venue's own books without it, or with it. */
function book(execution: StandInExecution, isTaken: boolean): void {
  const { books } = venue;
  const { order, price, id } = execution;
  const qty = isTaken ? execution.qty : -execution.qty;
  const { qty: held, cost } = books.positions.get('AAPL') ?? { qty: 0n, cost: 0n };
  if (isTaken) books.executions.push(execution);
  else
    books.executions.splice(
      books.executions.findIndex((one) => one.id === id),
      1,
    );
  books.cash -= times(qty, price);
  order.filled += qty;
  if (held + qty === 0n) books.positions.delete('AAPL');
  else books.positions.set('AAPL', { qty: held + qty, cost: cost + times(qty, price) });
}

function tell(event: 'trade_bust' | 'trade_correct', { order }: StandInExecution, more: object): void {
  venue.stream.tell(event, { event, timestamp: new Date().toISOString(), order: orderJson(order), ...more });
}

/** Units and cash of the journal are those of the venue. */
async function same(units: number): Promise<void> {
  await session.settled();
  expect(heldAt(session)).toBe(units);
  const { fills } = session.record;
  expect(fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(units);
  const cash = fills.reduce((sum, { quantity, price }) => sum - quantity * price, 100_000);
  expect(cash).toBeCloseTo(Number(amountOf(venue.books.cash)), 6);
}

const codes = async (): Promise<string[]> => (await session.end()).refusals.map(({ code }) => code);

describe('an execution at Alpaca', () => {
  it.each([['execution_id'], ['previous_execution_id']])(
    'that is taken back, twice and by its %s, is reversed once, and nothing opens from there',
    async (name) => {
      const execution = await bought();
      book(execution, false);
      const named = { execution_id: 'the-bust', [name]: execution.id };
      tell('trade_bust', execution, named);
      tell('trade_bust', execution, named);
      await session.until('it is reversed', () => session.record.fills.length === 2);
      await same(0);
      session.close('BUY');
      await session.until('the bar', () => session.record.bars.length === 3);
      await same(0);
      expect(venue.books.orders).toHaveLength(1);
      expect((await codes())[0]).toBe('busted');
    },
  );

  it('that is corrected counts as it is corrected, and what is held is sold', async () => {
    const execution = await bought();
    book(execution, false);
    const [qty, price] = ['8', '101'].map((text) => parseAmount(text)!) as [bigint, bigint];
    book({ ...execution, id: 'corrected', qty, price, cumulative: qty }, true);
    const names = { execution_id: 'corrected', previous_execution_id: execution.id };
    tell('trade_correct', execution, { ...names, price: '101', qty: '8' });
    await session.until('it is corrected', () => session.record.fills.length === 3);
    await same(8);
    session.close('SELL');
    await session.until('it is sold', () => heldAt(session) === 0);
    await same(0);
  });

  it('that is taken back before it was told is not booked', async () => {
    const hide = (path: string): boolean => path === '/v2/account/activities' || path === '/v2/positions';
    venue.faults = {
      message: () => 'skip',
      request: (_method, path) => (hide(path) ? { kind: 'status', status: 503, message: 'no' } : null),
    };
    session.close('BUY');
    await session.until('it is filled', () => venue.books.executions.length === 1);
    const execution = venue.books.executions[0]!;
    venue.faults = NO_FAULTS;
    book(execution, false);
    tell('trade_bust', execution, { execution_id: execution.id });
    await session.until('it is on record', () => session.notes.length > 0 && session.record.inputs.some(isBust));
    expect(session.record.fills).toEqual([]);
    expect((await session.end()).refusals.map(({ code }) => code)).toContain('bust-ahead');
  });
});

const isBust = ({ event }: { readonly event: { readonly kind: string } }): boolean => event.kind === 'bust';
