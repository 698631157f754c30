import { TIMEFRAMES, type Timeframe } from '../features/timeframe.ts';
import { InputError } from '../infra/errors.ts';

/** The bar size a user named. Throws InputError that lists the sizes there are. */
export function parseTimeframe(text: string): Timeframe {
  if (!TIMEFRAMES.some((timeframe) => timeframe === text)) {
    throw new InputError(`Unknown timeframe "${text}".`, `Use one of ${TIMEFRAMES.join(', ')}.`);
  }
  return text as Timeframe;
}
