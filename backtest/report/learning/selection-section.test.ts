import { expect, it } from 'vitest';
import { exampleReport } from '../../testing/example-report.ts';
import { runExample } from '../../testing/example-result.ts';
import { selectionSection } from './selection-section.ts';

const example = runExample({ bars: 300, randomRuns: 5 });

it('shows what each fold chose, and how far they agree', () => {
  const [first] = example.walkForward.folds;
  const folds = [0, 1].map((index) => {
    const kept = index === 0 ? ['rsi(14)', 'a<b'] : ['rsi(14)'];
    return { ...first!, index, selection: { kept, offered: 5, choices: 20, taken: 1, clusters: [], finding: null } };
  });
  const report = exampleReport({ ...example, walkForward: { ...example.walkForward, folds } });
  const text = selectionSection(report)!.markup;
  expect(text).toMatch(/rsi\(14\)<\/th>\s*<td>100 %/);
  expect(text).toContain('a&lt;b');
  expect(report.result.folds![0]!.selection!.kept).toEqual(['rsi(14)', 'a<b']);
  expect(report.result.reasons.filter((reason) => reason.startsWith('selection: '))).toHaveLength(1);
  expect(report.result.outOfSample!.selection!.features[0]).toEqual({ name: 'rsi(14)', share: 1 });
});

it('shows nothing of members that learn from all features', () => {
  expect(selectionSection(exampleReport(example))).toBeNull();
});
