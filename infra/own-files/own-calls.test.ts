import { describe, expect, it } from 'vitest';
import { compileOwnFile } from './compile-own-file.ts';
import { askOwnFile } from './evaluate-own-file.ts';
import { BAR_NUMBERS } from './own-call-request.ts';
import { OwnCalls } from './own-calls.ts';
import { isSilence, SilentCodeError } from './silent-code-error.ts';
import { ownFilesPlace } from './testing/own-files-place.ts';

const file = ownFilesPlace();
const DEADLINE_MS = 200;

/** Bars that close at 0, 1, 2 and so on, whose prices are the same numbers. */
function barNumbers(bars: number): Float64Array {
  const numbers = new Float64Array(bars * BAR_NUMBERS);
  for (let bar = 0; bar < bars; bar++) numbers.fill(bar, bar * BAR_NUMBERS, (bar + 1) * BAR_NUMBERS);
  return numbers;
}

describe('code that never answers', () => {
  const feature = file(
    'feature',
    "export default { name: 'own', parameters: {},",
    '  warmUpBars: () => { for (;;); },',
    "  value: (view: import('signalbox').FeatureView) => { while (view.close() === 5); return 1; } };",
  );
  const code = compileOwnFile(feature, 'feature');
  const column = (bars: number) => ({ numbers: barNumbers(bars), from: 1, warmUpBars: 1, parameters: {} });

  it('is named with the bar that it was asked about, and its thread is ended: the next question has another', () => {
    const calls = new OwnCalls(code, DEADLINE_MS);
    expect(calls.column(column(4))).toEqual({ value: Float64Array.of(1, 1, 1) });
    const silent = (): unknown => calls.column(column(9));
    expect(silent).toThrow(SilentCodeError);
    expect(silent).toThrow(
      /feature-\d+\.ts: value at the bar that closed at 1970-01-01T00:00:00\.005Z did not answer within 0\.2 s/,
    );
    expect(calls.column(column(4))).toEqual({ value: Float64Array.of(1, 1, 1) });
  });

  it('is named with the method, where that is asked in a thread or of itself', () => {
    expect(() => new OwnCalls(code, DEADLINE_MS).call('warmUpBars', {})).toThrow(
      /feature-\d+\.ts: warmUpBars did not answer/,
    );
    expect(() => askOwnFile(code, 'warmUpBars', {})).toThrow(/feature-\d+\.ts.*: warmUpBars: .*timed out/);
  });

  it('is told from code that answers with a mistake, also behind the words of others', () => {
    const silent = new SilentCodeError('silent');
    expect([silent, new Error('around', { cause: silent })].map(isSilence)).toEqual([true, true]);
    expect(isSilence(new Error('other', { cause: 'none' }))).toBe(false);
  });
});
