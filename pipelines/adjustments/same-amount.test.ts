import { describe, expect, it } from 'vitest';
import { isSameAmount } from './same-amount.ts';

describe('isSameAmount', () => {
  it.each([
    [0.375, 0.375],
    [0.092, 0.0916667],
    [2, 2],
    [1e-7, 1e-7],
  ])('takes %f and %f for one', (a, b) => expect([isSameAmount(a, b), isSameAmount(b, a)]).toEqual([true, true]));

  it.each([
    [0.25, 1],
    [1, 1.25],
    [0.375, 0.376],
    [0.31, 0.32],
    [1, 1.4],
  ])('tells %f from %f', (a, b) => expect([isSameAmount(a, b), isSameAmount(b, a)]).toEqual([false, false]));
});
