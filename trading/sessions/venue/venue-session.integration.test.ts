import { describe, expect, it } from 'vitest';
import { drawnBrackets, drawnStrategy } from '../../testing/venue/kept-session.ts';
import { startAlpacaMortal, startAlpacaParts } from '../../testing/venue/alpaca/alpaca-mortal.ts';
import { startBinanceMortal } from '../../testing/venue/binance/binance-mortal.ts';
import { startFuturesMortal } from '../../testing/venue/binance/futures/futures-mortal.ts';
import { runKilledSession, type KilledSessionOptions, type SettledBooks } from '../../testing/venue/killed-session.ts';

const run = async (options: Partial<KilledSessionOptions>): Promise<SettledBooks> => {
  const books = await runKilledSession({ start: startAlpacaMortal, seed: 1, bars: 15, kills: 0, ...options });
  const { ours, theirs, ourPositions, theirPositions, ourCash, theirCash, twice, bare } = books;
  expect(ours).toEqual(theirs);
  expect(ourPositions).toEqual(theirPositions);
  expect(ourCash).toBe(theirCash);
  expect(twice).toEqual([]);
  expect(bare).toEqual([]);
  expect(books.kills).toBe(options.kills ?? 0);
  return books;
};

const protection = { stopLoss: { percent: 0.01 }, takeProfit: null, trailing: null };

// `prove alpaca-kills` and `prove binance-kills` do the same with processes that are killed, hundreds of times.
describe.each([
  ['Alpaca', startAlpacaMortal],
  ['Binance', startBinanceMortal],
  ["Binance's futures", startFuturesMortal],
])('a session at %s', (_name, start) => {
  it('ends with the books of the venue, and says nothing where nothing goes wrong', async () => {
    const { theirs, notes } = await run({ start });
    expect(theirs.length).toBeGreaterThan(0);
    expect(notes).toEqual([]);
  });

  it('that dies again and again ends with them, too, through lost answers and orders that are shown late', async () => {
    const { restored } = await run({
      start,
      seed: 2,
      kills: 6,
      protection,
      shownAfterMs: 60,
      faults: { requests: 0.05, messages: 0.05 },
    });
    expect(restored).toBeGreaterThan(0);
  });
});

describe('brackets at Alpaca', () => {
  it('survive deaths, lost answers and orders that are shown late, and no exit sells twice', async () => {
    const { restored, theirs } = await run({
      seed: 3,
      bars: 30,
      kills: 8,
      strategy: drawnBrackets(3, 0.5),
      shownAfterMs: 60,
      faults: { requests: 0.05, messages: 0.05 },
    });
    expect(theirs.length).toBeGreaterThan(4);
    expect(restored).toBeGreaterThan(0);
  });
});

/** What the session works in place of Alpaca: targets beside stops, and stops that trail. */
const OURS = [
  ['a stop and a target in turn', { ...protection, takeProfit: { percent: 0.003 } }, /makes way/],
  ['a stop that is moved', { stopLoss: null, takeProfit: null, trailing: { percent: 0.008 } }, /./],
] as const;

describe('parts of shares at Alpaca', () => {
  it.each(OURS)('have %s, and a live stop in the end, through deaths', async (_what, ours, said) => {
    let [renewals, words] = [0, ''];
    // Whether a day ends while a stop rests is a matter of the moment: of three sessions it does in one.
    for (const seed of [6, 16, 26]) {
      const { theirs, notes, renewed } = await run({
        start: startAlpacaParts,
        strategy: drawnStrategy(seed, 0.25),
        seed,
        bars: 60,
        kills: 10,
        units: 10.5,
        protection: ours,
        shownAfterMs: 60,
        faults: { requests: 0.05, messages: 0.05 },
      });
      expect(theirs.length).toBeGreaterThan(4);
      renewals += renewed;
      words += notes.join();
    }
    expect(renewals).toBeGreaterThan(0);
    expect(words).toMatch(said);
  });

  it('have a live stop in the end, through deaths, days that end, lost answers and orders that are shown late', async () => {
    const { restored, theirs, renewed } = await run({
      start: startAlpacaParts,
      strategy: drawnStrategy(4, 0.2),
      seed: 4,
      bars: 40,
      kills: 8,
      units: 10.5,
      protection: { ...protection, stopLoss: { percent: 0.05 } },
      shownAfterMs: 60,
      faults: { requests: 0.05, messages: 0.05 },
    });
    expect(theirs.length).toBeGreaterThan(4);
    expect(renewed).toBeGreaterThan(0);
    expect(restored).toBeGreaterThan(0);
  });
});
