import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../features/timeframe.ts';
import { exampleReport } from '../../testing/example-report.ts';
import { runExample } from '../../testing/example-result.ts';
import { scoreValues } from '../../../models/training/fold/fold-summary.ts';
import { fanSection } from '../../report/fan-section.ts';
import { terminalText } from '../../run/terminal.ts';
import { pathFan, type TradedPath } from './path-fan.ts';
import { pathSection, pathsSection } from './path-outcome.ts';

/** Equity that begins at 100 on a day and grows by `step` a day. */
function path(step: number, firstDay = 0, excessReturn: number | null = step / 100): TradedPath {
  const days = 11 - firstDay;
  const timeMs = Float64Array.from({ length: days }, (_, day) => (firstDay + day) * DAY_MS);
  const equity = Float64Array.from({ length: days }, (_, day) => 100 + step * day);
  return { session: { timeMs, equity }, initialCapital: 100, excessReturn };
}

describe('the fan of reconstructed paths', () => {
  it('has quantiles over the paths at each mark, the chosen one, and the shares that lose', () => {
    const fan = pathFan([path(1), path(-1), path(2), path(3), path(0, 0, null)])!;
    expect(fan.times).toHaveLength(11);
    expect(fan.chosen.at(-1)).toBe(110);
    expect(fan.bands.map((band) => band[0])).toEqual([100, 100, 100, 100, 100]);
    expect(fan.bands.map((band) => band.at(-1)!)).toEqual([92, 100, 110, 120, 128]);
    expect(fan).toMatchObject({ losing: 0.2, belowBenchmark: 0.25, belowChosen: 0.4 });
  });

  it('takes a path that begins later for capital that waits, and needs two paths', () => {
    const fan = pathFan([path(1), path(5, 6)])!;
    expect(fan.bands[0]![5]).toBe(100.25);
    expect(fan.bands.at(-1)!.at(-1)).toBeCloseTo(119.5, 9);
    expect(pathFan([path(1)])).toBeNull();
    expect(pathFan([path(1, 0, null), path(2, 0, null)])!.belowBenchmark).toBeNull();
  });

  it('is drawn in the report and told in the terminal', async () => {
    const example = runExample({ bars: 300, randomRuns: 5 });
    const input = exampleReport(example);
    const { scores, rows } = example.walkForward.pooled;
    const each = [0, 1].map((one) => pathSection(one, { rows, scores: scoreValues(scores) }, example.evaluation));
    const { session } = example.evaluation;
    const halved = { ...session, equity: session.equity.map((value) => value / 2) };
    const capital = input.result.initialCapital;
    const fan = pathFan([
      { session, initialCapital: capital, excessReturn: 0.1 },
      { session: halved, initialCapital: capital, excessReturn: -0.1 },
    ]);
    const shown = { ...input, result: { ...input.result, paths: pathsSection(each, fan) } };
    const { markup } = (await fanSection(shown))!;
    expect(markup).toContain('aria-label="Equity of the reconstructed paths; at the end nine of ten are between');
    expect(markup).toContain('50 % stay behind the market');
    const told = terminalText(shown, { color: false, reportPath: null, model: null });
    expect(told.replace(/\s+/g, ' ')).toContain('50 % end below path 1.');
    expect(await fanSection(input)).toBeNull();
  });
});
