import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../../models/experiment/rule-parameters.ts';
import { breakout } from '../breakout.ts';
import { meanReversion } from '../mean-reversion.ts';
import { momentum } from '../momentum.ts';
import type { RuleStrategy } from '../rule-strategy.ts';
import { smaCross } from '../sma-cross.ts';
import { memoriesOf } from '../memory.ts';
import { changedTarget, standingSide } from './standing-side.ts';

const parameters = RULE_PARAMETERS.blend;

/**
 * Several rules at their own defaults, each standing on the side of its last signal: the target is the mean of the
 * sides, weighted. Equal weights over different rules are the plain case (DeMiguel, Garlappi, Uppal 2009).
 */
export const blend: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'blend',
  parameters,
  reads: 'range',
  forSymbol: ({ trend, momentum: speed, breakout: range, reversion }) => {
    const sides = [
      standingSide(smaCross.forSymbol(smaCross.parameters.parse({}))),
      standingSide(momentum.forSymbol(momentum.parameters.parse({}))),
      standingSide(breakout.forSymbol(breakout.parameters.parse({}))),
      standingSide(meanReversion.forSymbol(meanReversion.parameters.parse({}))),
    ] as const;
    const weights = [trend, speed, range, reversion];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const target = changedTarget('blend');
    const [first, second, third, fourth] = sides;
    return {
      ...memoriesOf({ trend: first, momentum: second, breakout: third, reversion: fourth, target }),
      decide: (view) => target.say(sides.reduce((sum, side, at) => sum + weights[at]! * side.at(view), 0) / total),
    };
  },
};
