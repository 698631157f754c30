import { describe, expect, it } from 'vitest';
import { championHistory, earlierChampions } from './champion-history.ts';
import type { PromotionDecision } from './promotion-gate.ts';

const decided = (version: number, outcome: PromotionDecision['outcome']): PromotionDecision => ({
  name: 'm',
  version,
  modelHash: `hash ${version}`,
  championVersion: null,
  outcome,
  criteria: [],
  reason: null,
  decidedAtMs: 0,
});
const versions = (...decisions: PromotionDecision[]): number[] =>
  championHistory(decisions).map(({ version }) => version);

const UP = [decided(1, 'first'), decided(2, 'promoted'), decided(3, 'refused'), decided(3, 'overridden')];

describe('the history of champions', () => {
  it('holds what was promoted in order, and nothing that was refused', () => {
    expect(versions(...UP)).toEqual([1, 2, 3]);
  });

  it('loses what was gone back from, so that two steps back are two versions back', () => {
    expect(versions(...UP, decided(2, 'rolled-back'))).toEqual([1, 2]);
    expect(versions(...UP, decided(2, 'rolled-back'), decided(1, 'rolled-back'))).toEqual([1]);
    expect(versions(...UP, decided(1, 'rolled-back'), decided(4, 'promoted'))).toEqual([1, 4]);
  });

  it('names those before a champion once each, newest first', () => {
    const held = championHistory([...UP, decided(2, 'promoted'), decided(5, 'promoted')]);
    const before = (hash: string): number[] => earlierChampions(held, hash).map(({ version }) => version);
    expect(before('hash 5')).toEqual([2, 3, 1]);
    expect(before('hash 2')).toEqual([3, 1]);
    expect(before('hash 1')).toEqual([]);
    // A champion that no decision made (its version was trained afresh): all of them are earlier.
    expect(before('hash 9')).toEqual([5, 2, 3, 1]);
  });
});
