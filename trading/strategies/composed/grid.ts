import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../../models/experiment/rule-parameters.ts';
import type { RuleStrategy } from '../rule-strategy.ts';
import { changedTarget } from './standing-side.ts';

const parameters = RULE_PARAMETERS.grid;

/** Prices nearer to a level than this part of a step are on it: a level must be one at any size of prices. */
const ON_EDGE = 1e-9;

/**
 * A grid of `levels` steps of `step` below and above the mean of the last `lookback` closes: each whole step that the
 * close lies below it buys one part of a full position, each above it sells one (short where that is allowed).
 */
export const grid: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'grid',
  parameters,
  forSymbol: ({ lookback, step, levels }) => {
    const { say, save, restore } = changedTarget('grid');
    return {
      save,
      restore,
      decide(view) {
        if (view.length < lookback) return say(NaN);
        let sum = 0;
        for (let ago = 0; ago < lookback; ago++) sum += view.close(ago);
        const mean = sum / lookback;
        const away = (mean - view.close()) / (step * mean);
        const steps = Math.trunc(away < 0 ? away - ON_EDGE : away + ON_EDGE);
        // Adding 0 makes a negative zero an ordinary one.
        return say(Math.max(-levels, Math.min(levels, steps)) / levels + 0);
      },
    };
  },
};
