import { z } from 'zod';
import { expandExpression, placeNames, withValues } from '../../../features/expressions/expansion.ts';
import { symbolText } from '../../../features/expressions/expression-resolver.ts';
import { FeatureError } from '../../../features/feature-error.ts';
import { FEATURE_TIMEFRAMES } from '../../../features/timeframe.ts';

const values = <T extends z.ZodType>(one: T) => z.array(one).nonempty().optional();

/** By the place that each list fills. */
const PLACES = { periods: 'period', lags: 'lag', timeframes: 'timeframe', symbols: 'symbol' } as const;

/**
 * One line that stands for many features: `{ expand: 'lag(rsi({period}),{lag})', periods: [7, 14], lags: [0, 1] }`. It
 * becomes the expression with its values in it, `lag(rsi({period=7|14}),{lag=0|1})`, which may be written as well.
 */
const expanded = z
  .strictObject({
    expand: z.string().min(1),
    periods: values(z.int().positive()),
    lags: values(z.int().min(0)),
    timeframes: values(z.enum(FEATURE_TIMEFRAMES)),
    symbols: values(z.string().regex(/^[^{}|"]+$/, 'must be a symbol')),
  })
  .transform(({ expand, ...lists }, context): string => {
    const named = placeNames(expand);
    const given = new Map<string, string[]>();
    for (const key of ['periods', 'lags', 'timeframes', 'symbols'] as const) {
      const list = lists[key];
      if (list === undefined) continue;
      const place = PLACES[key];
      if (!named.has(place)) {
        context.addIssue({ code: 'custom', path: [key], message: `expand has no {${place}} that they could fill` });
      }
      given.set(
        place,
        list.map((value) => (key === 'symbols' ? symbolText(String(value)) : String(value))),
      );
    }
    const text = withValues(expand, given);
    try {
      expandExpression(text);
    } catch (error) {
      if (!(error instanceof FeatureError)) throw error;
      context.addIssue({ code: 'custom', path: ['expand'], message: error.message });
    }
    return text;
  });

const one = z.union([z.string().min(1), expanded]);

/** Expressions, sets by name, and lines that stand for many of them. */
export const featuresSchema = z.union([z.array(one).nonempty(), one]).default('core');
