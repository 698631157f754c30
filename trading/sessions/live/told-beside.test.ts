import { expect, it } from 'vitest';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import { MortalJournal } from '../../testing/mortal-journal.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { replayFeed, type ClosedBars } from '../replayed-feed.ts';
import { runPaperSession } from '../streaming-session.ts';
import type { PaperSessionOptions } from './paper-session-options.ts';

const bars = [randomWalkBars('AAA', 200, { seed: 3, sigma: 0.01 })];
const instruments = [testInstrument('AAA')];

/** A live session on a clock of which each close takes a millisecond. */
function live({ journal = new MortalJournal(['AAA']), tick, ...others }: Partial<PaperSessionOptions> & Ticking) {
  async function* feed(): AsyncGenerator<ClosedBars> {
    yield { closeTimeMs: -Infinity, bars: [], goesLive: true };
    for await (const closed of replayFeed(bars, instruments)) {
      tick(closed);
      yield closed;
    }
  }
  return runPaperSession({
    instruments,
    strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 5 }),
    sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({ feeBps: 5 }),
    capital: 100_000,
    sessionId: 's',
    feed: feed(),
    journal,
    clock: () => 0,
    ...others,
  });
}

interface Ticking {
  readonly tick: (closed: ClosedBars) => void;
}

it('closes do not wait for a disk that is slower than they are: they are committed together', async () => {
  let nowMs = 0;
  let commits = 0;
  const journal = new MortalJournal(['AAA']);
  const commit = journal.commit.bind(journal);
  journal.commit = () => {
    commits += 1;
    nowMs += 30;
    return commit();
  };
  const { bars: closes } = await live({ journal, clock: () => nowMs, tick: () => (nowMs += 1) });
  expect(closes).toBe(200);
  expect(commits).toBeLessThan(20);
});

it('closes do not wait until it is told where the session stands; the end does', async () => {
  let nowMs = 0;
  let seen = 0;
  let seenWhenTold = 0;
  let release = (): void => undefined;
  const told: number[] = [];
  await live({
    clock: () => nowMs,
    tick: () => {
      nowMs += 1_000;
      seen += 1;
      if (seen === 200) release();
    },
    onStanding: async ({ step }) => {
      // The first one hangs until the last close has come; a session that waits for it is let go, and seen.
      if (told.push(step) > 1) return;
      await new Promise<void>((resolve) => {
        release = resolve;
        setTimeout(resolve, 2_000);
      });
      seenWhenTold = seen;
    },
  });
  expect(seenWhenTold).toBe(200);
  expect(told.at(-1)).toBeGreaterThan(told[0]! + 190);
});

it('what cannot be told ends the session', async () => {
  let nowMs = 0;
  const failing = live({
    clock: () => nowMs,
    tick: () => (nowMs += 1_000),
    onStanding: () => Promise.reject(new Error('no such table')),
  });
  await expect(failing).rejects.toThrow('no such table');
});
