import { describe, expect, it } from 'vitest';
import { runKilledSession, type KilledSessionOptions, type SettledBooks } from '../../testing/venue/killed-session.ts';

const same = ({ theirs, ours, theirPositions, ourPositions, theirCash, ourCash, twice }: SettledBooks): void => {
  expect(ours).toEqual(theirs);
  expect(ourPositions).toEqual(theirPositions);
  expect(ourCash).toBe(theirCash);
  expect(twice).toEqual([]);
};

const run = async (options: Partial<KilledSessionOptions>): Promise<SettledBooks> => {
  const books = await runKilledSession({ seed: 1, bars: 25, kills: 0, ...options });
  same(books);
  expect(books.theirs.length).toBeGreaterThan(0);
  return books;
};

describe('a session at a venue', () => {
  it('ends with the books of the venue', async () => {
    const { notes } = await run({});
    expect(notes).toEqual([]);
  });
});
