import type { z } from 'zod';
import { RULE_PARAMETERS } from '../../models/experiment/rule-parameters.ts';
import { ema } from '../../features/kernels/ema.ts';
import { ROUNDING } from '../../features/rounding.ts';
import { CrossStrategy } from './cross.ts';
import { memoryOf } from './memory.ts';
import { seriesKernel } from './kernel-input.ts';
import type { RuleStrategy } from './rule-strategy.ts';

const parameters = RULE_PARAMETERS['ema-cross'];

/** Long while the fast exponential average of closes is above the slow one; acts at crosses. */
export const emaCross: RuleStrategy<z.infer<typeof parameters>> = {
  name: 'ema-cross',
  parameters,
  forSymbol: ({ fast, slow }) => {
    const quick = seriesKernel(ema, [fast]);
    const steady = seriesKernel(ema, [slow]);
    return new CrossStrategy([`EMA(${fast})`, `EMA(${slow})`], {
      ...memoryOf({ quick, steady }),
      update(view) {
        const close = view.close();
        const fastAverage = quick.next(close);
        const difference = fastAverage - steady.next(close);
        // Where prices stand still both averages end at the price but for rounding, which crosses at random.
        return Math.abs(difference) <= ROUNDING * fastAverage ? 0 : difference;
      },
    });
  },
};
