import { describe, expect, it } from 'vitest';
import { FeatureError } from '../feature-error.ts';
import { parseFeatureSet } from '../feature-set.ts';

const LONG = 200_000;

function mistakeIn(features: string): FeatureError {
  try {
    parseFeatureSet(features, { timeframe: '1d', symbols: ['A'] });
  } catch (error) {
    expect(error).toBeInstanceOf(FeatureError);
    return error as FeatureError;
  }
  throw new Error('accepted');
}

/**
 * Work that grew with the square of the text would take minutes on each of these; the deep ones overflowed the stack.
 */
describe('features made to do harm', () => {
  it.each<[string, () => string, RegExp]>([
    ['brackets', () => '('.repeat(LONG), /Expected the name of a feature/],
    ['features within features', () => 'lag('.repeat(LONG), /within features more than 32 levels deep/],
    ['closed features within features', () => `${'sma('.repeat(LONG)}close${')'.repeat(LONG)}`, /more than 32 levels/],
    ['digits', () => `${'1'.repeat(LONG)}x1`, /Expected the end, found "1"/],
    ['arguments', () => `rsi(${'1,'.repeat(LONG)}1)`, /rsi takes rsi/],
    ['a long name', () => `${'x'.repeat(LONG)}(3)`, /Unknown feature "x{80}\.\.\."/],
    ['a long word', () => 'x'.repeat(LONG), /Unknown series "x{80}\.\.\."/],
    ['a long number', () => `rsi(${'9'.repeat(LONG)})`, /cannot be Infinity/],
    ['a quote that is never closed', () => `rsi("${'x'.repeat(LONG)}`, /Unexpected character/],
    ['empty quotes', () => '""'.repeat(LONG), /Expected the end/],
    ['dots', () => `rsi(14)${'.'.repeat(LONG)}`, /Expected an output after/],
    ['blanks', () => `rsi${' '.repeat(LONG)}?`, /Unexpected character/],
    ['commas', () => ','.repeat(LONG), /An empty feature/],
    ['many features', () => 'rsi(14),'.repeat(LONG).slice(0, -1), /200000 features are given, and 10000 are the most/],
    ['a long timeframe', () => `rsi(14)@${'h'.repeat(LONG)}`, /Unknown timeframe "h{80}\.\.\."/],
  ])('are refused: %s', (_what, text, message) => {
    const error = mistakeIn(text());
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(500);
    expect(error.remedy.length).toBeLessThan(500);
  });

  it('may be many', () => {
    const features = Array.from({ length: 9_000 }, (_, i) => `lag(roc(${(i % 90) + 1}),${Math.floor(i / 90) + 1})`);
    expect(parseFeatureSet(features, { timeframe: '1d', symbols: ['A'] }).columns).toHaveLength(9_000);
  });
});
