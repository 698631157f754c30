import { expect } from 'vitest';
import type { SessionInHand } from './session-in-hand.ts';

export const heldAt = ({ venue }: Pick<SessionInHand, 'venue'>): number =>
  Number(venue.books.held('AAPL') / 1_000_000_000n);

/** Settled, the session has booked every execution of the venue once, and both hold `units`. */
export async function sameBooks(session: SessionInHand, units: number): Promise<void> {
  // A session that has not heard of an execution yet has nothing under way: on a busy machine it hears later.
  const theirs = (): number => session.venue.books.executions.length;
  await session.until('each execution is booked', () => session.record.fills.length >= theirs());
  await session.settled();
  const ours = session.record.fills.map(({ executionId }) => executionId).sort();
  expect(ours).toEqual(session.venue.books.executions.map(({ id }) => id).sort());
  expect(session.record.fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(units);
  expect(heldAt(session)).toBe(units);
}
