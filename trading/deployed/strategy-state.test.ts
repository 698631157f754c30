import { describe, expect, it } from 'vitest';
import { stateWords, strategyState, TRIES_MAX, type SeenStrategy } from './strategy-state.ts';
import type { StoredStrategy } from './strategy-store.ts';

const ASKED = new Date('2026-01-05T10:00:00Z');
const LATER = new Date('2026-01-05T10:00:05Z');
const BEFORE = new Date('2026-01-05T09:00:00Z');
const SETTINGS = { broker: 'simulated', feed: 'replay', speed: null, foreign: 'refuse' } as const;

const seen = (
  strategy: Partial<StoredStrategy>,
  session?: Partial<NonNullable<SeenStrategy['session']>>,
  supervisor?: Partial<NonNullable<SeenStrategy['supervisor']>>,
): SeenStrategy => ({
  strategy: {
    ...{ name: 'trend', version: 1, settings: SETTINGS, desired: 'running', askedAt: ASKED, askedBy: 'ann' },
    ...{ sessionId: 'trend-v1-1', sessionVersion: 1, runs: 1, restart: false, toldSession: null, tries: 0 },
    problem: null,
    ...strategy,
  },
  session: session === undefined ? undefined : { state: 'running', killState: 'run', pending: [], ...session },
  supervisor:
    supervisor === undefined
      ? undefined
      : { alive: true, doing: 'runs as process 7', outcome: null, beganAt: LATER, lastWords: null, ...supervisor },
});

describe('how a strategy stands', () => {
  it.each([
    ['stopped', seen({ desired: 'stopped' }, { state: 'stopped' })],
    ['stopping', seen({ desired: 'stopped' }, {})],
    ['stopping', seen({ desired: 'stopped' }, { state: 'stopped' }, {})],
    ['starting', seen({})],
    ['starting', seen({}, { state: 'stopped' }, {})],
    ['waiting', seen({}, { state: 'stopped' }, { doing: 'waits for the market until 2026-01-06' })],
    ['running', seen({}, {}, {})],
    ['running', seen({}, { killState: null })],
    ['halted', seen({}, { killState: 'halt' }, {})],
    ['pausing', seen({ desired: 'paused' }, {}, {})],
    ['paused', seen({ desired: 'paused' }, { killState: 'halt' }, {})],
    ['restarting', seen({ restart: true }, {}, {})],
    ['ended', seen({}, { state: 'ended' }, { alive: false, outcome: 'ended' })],
    ['failed', seen({}, { state: 'stopped' }, { alive: false, outcome: 'gave-up' })],
    ['failed', seen({}, undefined, { alive: false, outcome: 'refused' })],
    ['failed', seen({ tries: TRIES_MAX })],
    // What failed before somebody asked again counts no more, and what runs has not failed.
    ['starting', seen({}, { state: 'stopped' }, { alive: false, outcome: 'gave-up', beganAt: BEFORE })],
    ['running', seen({ tries: TRIES_MAX }, {})],
  ] as const)('is %s', (state, one) => {
    expect(strategyState(one)).toBe(state);
  });

  it('has the last words of what failed', () => {
    const failed = { alive: false, outcome: 'gave-up', doing: 'gave up', lastWords: 'error: no keys' } as const;
    expect(stateWords(seen({}, undefined, failed))).toBe('gave up: error: no keys');
    expect(stateWords(seen({}, undefined, { ...failed, beganAt: BEFORE }))).toBeNull();
    expect(stateWords(seen({ problem: 'it did not start' }))).toBe('it did not start');
    expect(stateWords(seen({}, {}, {}))).toBe('runs as process 7');
  });
});
