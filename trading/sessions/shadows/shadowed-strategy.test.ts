import { describe, expect, it } from 'vitest';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import type { Strategy } from '../../strategies/strategy.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { runHistoricalSession } from '../historical-session.ts';
import type { ShadowSignal } from './shadow-store.ts';
import { shadowed, type Shadow } from './shadowed-strategy.ts';

const SYMBOLS = ['AAA', 'BBB'];

/** A session with shadows: its journal, and what those said. */
function run(shadows: readonly Shadow[], untilMs = -Infinity): { hash: string; said: ShadowSignal[]; notes: string[] } {
  const [said, notes]: [ShadowSignal[], string[]] = [[], []];
  const strategy = shadowed(childSession.strategy, {
    symbols: SYMBOLS,
    shadows,
    untilMs,
    record: (signal) => void said.push(signal),
    note: (text) => void notes.push(text),
  });
  return { hash: runHistoricalSession({ ...childSession, strategy, bars: childBars }).journalHash, said, notes };
}

/** Fails at its tenth bar. */
const broken: Strategy = {
  name: 'broken',
  parameters: {},
  forSymbol: () => ({
    decide: (view) => {
      if (view.length === 10) throw new Error('no more');
      return { action: 'BUY', probability: null, confidence: 1, ageBars: 0, reason: 'always' };
    },
  }),
};

describe('shadows', () => {
  const alone = runHistoricalSession({ ...childSession, bars: childBars }).journalHash;
  const twin: Shadow = { name: 'twin', strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 5 }) };

  it('change nothing of the session, and a twin says what the session says', () => {
    const { hash, said, notes } = run([twin, { name: 'other', strategy: createRuleStrategy('momentum') }]);
    expect({ hash, notes }).toEqual({ hash: alone, notes: [] });
    const ofTwin = said.filter(({ shadow }) => shadow === 'twin');
    expect(ofTwin.length).toBeGreaterThan(20);
    expect(ofTwin.every(({ signal, own }) => signal.action === own)).toBe(true);
    expect(said.some(({ shadow, signal, own }) => shadow === 'other' && signal.action !== own)).toBe(true);
  });

  it('are left out where they fail, and only they', () => {
    const { hash, said, notes } = run([{ name: 'broken', strategy: broken }, twin]);
    expect(hash).toBe(alone);
    expect(notes).toEqual(['shadow broken is left out from here on: no more']);
    expect(said.filter(({ shadow }) => shadow === 'broken')).toHaveLength(18);
    expect(said.filter(({ shadow }) => shadow === 'twin')).toEqual(run([twin]).said);
    const never: Strategy = {
      ...broken,
      forSession: () => {
        throw new Error('cannot begin');
      },
    };
    expect(run([{ name: 'never', strategy: never }])).toMatchObject({
      hash: alone,
      notes: ['shadow never is left out: cannot begin'],
    });
  });

  it('are warmed up by history, which is not recorded', () => {
    const untilMs = childBars[0]!.closeTimeMs[199]!;
    const { said } = run([twin], untilMs);
    expect(said).toEqual(run([twin]).said.filter(({ timeMs }) => timeMs > untilMs));
  });
});
