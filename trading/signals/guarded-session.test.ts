import { expect, it } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { KeptJournal } from '../journal/kept-journal.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../sessions/historical-session.ts';
import { replayFeed } from '../sessions/replayed-feed.ts';
import { runPaperSession } from '../sessions/streaming-session.ts';
import { createModelStrategy, storedPredictors } from '../strategies/model-signals.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';
import type { OpeningRules } from './opening-rules.ts';

const BARS = 120;
const bars = randomWalkBars('AAA', BARS, { seed: 3, sigma: 0.01 });
const closes = [...bars.closeTimeMs];

/** A model that wants long and flat in turns, two bars each, sure of itself by turns too. */
function sessionWith(opening: OpeningRules | undefined): HistoricalSessionOptions {
  const of = (value: (row: number) => number): Float64Array => Float64Array.from(closes, (_, row) => value(row));
  const table = {
    symbol: closes.map(() => 'AAA'),
    decisionTimeMs: Float64Array.from(closes),
    probability: of((row) => (row % 4 < 2 ? 0.7 : 0.4)),
    trainedToMs: of(() => -Infinity),
    expiresAtMs: of(() => Infinity),
    novelty: of((row) => (row % 8 < 4 ? 0.5 : 0.995)),
    disagreement: of((row) => (row % 16 < 8 ? 0.1 : 0.4)),
  };
  return {
    bars: [bars],
    instruments: [testInstrument('AAA')],
    strategy: createModelStrategy(storedPredictors(table), { buyAbove: 0.55, sellBelow: 0.45 }),
    sizing: { kind: 'fraction-of-equity', fraction: 0.5 },
    limits: NAMED_LIMITS.unbounded,
    signals: { buyAbove: 0.55, sellBelow: 0.45, opening },
    broker: simulatedBroker({ feeBps: 1 }),
    capital: 100_000,
    dayOf: (timeMs) => Math.floor(closes.indexOf(timeMs) / 40),
  };
}

const RULES: readonly (readonly [code: string, opening: OpeningRules, opened: number])[] = [
  ['novel', { maxNovelty: 0.99 }, 15],
  ['disagreement', { maxDisagreement: 0.2 }, 16],
  ['signals-per-day', { maxPerDay: 3 }, 9],
  ['blackout', { blackouts: [{ fromMs: closes[0]!, toMs: closes[BARS / 2]! }] }, 15],
  ['too-weak', { confidence: 0.5 }, 0],
];

it.each(RULES)('%s holds back what opens in backtest and paper alike, and no exit', async (code, opening, opened) => {
  const plain = runHistoricalSession(sessionWith(undefined));
  const history = runHistoricalSession(sessionWith(opening));
  const journal = new KeptJournal(['AAA']);
  const { bars: columns, ...options } = sessionWith(opening);
  const paper = await runPaperSession({
    ...options,
    sessionId: 'guarded',
    feed: replayFeed(columns, options.instruments),
    journal,
    clock: systemClock,
  });
  expect(plain.ledger).toHaveLength(30);
  expect(history.ledger).toHaveLength(opened);
  expect(new Set(history.refusals.map((one) => one.code))).toEqual(new Set([code]));
  const bought = new Set(history.refusals.map(({ timeMs }) => closes.indexOf(timeMs) % 4 < 2));
  expect(bought).toEqual(new Set([true]));
  expect(paper.journalHash).toBe(history.journalHash);
  expect(paper.refusals).toEqual(history.refusals);
});

it('a rule that refuses nothing leaves the journal as it is', () => {
  const plain = runHistoricalSession(sessionWith(undefined));
  const open: OpeningRules = { maxNovelty: 1, maxDisagreement: 1, maxPerDay: 1_000, confidence: 0 };
  expect(runHistoricalSession(sessionWith(open)).journalHash).toBe(plain.journalHash);
});
