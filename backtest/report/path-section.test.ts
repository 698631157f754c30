import { describe, expect, it } from 'vitest';
import { scoreValues } from '../../models/training/fold/fold-summary.ts';
import { exampleReport } from '../testing/example-report.ts';
import { runExample } from '../testing/example-result.ts';
import { pathSection as measured, pathsSection } from '../judgement/paths/path-outcome.ts';
import { terminalText } from '../run/terminal.ts';
import { pathSection } from './path-section.ts';
import { renderReport } from './render-report.ts';

const example = runExample({ bars: 300, randomRuns: 5 });
const input = exampleReport(example);
const { scores, rows } = example.walkForward.pooled;
const paths = pathsSection(
  [0, 1, 2].map((path) => ({
    ...measured(path, { rows, scores: { ...scoreValues(scores), auc: 0.5 + path / 100 } }, example.evaluation),
  })),
);

describe('paths in report and terminal', () => {
  it('are absent where a split has one', () => {
    expect(pathSection(input)).toBeNull();
  });

  it('stand one by one, then median, worst and share of positive', async () => {
    const withPaths = { ...input, result: { ...input.result, paths } };
    const page = await renderReport(withPaths);
    const section = page.slice(page.indexOf('id="paths"'));
    for (const said of ['0.500', '0.510', '0.520', 'median', 'worst', 'positive', '67 %', '3 paths']) {
      expect(section).toContain(said);
    }
    const text = terminalText(withPaths, { color: false, reportPath: null, model: null });
    expect(text).toMatch(/Reconstructed paths[^]*\n {2}3 [^\n]*0\.520[^]*\n {2}worst [^\n]*0\.500/);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(100);
  });
});
