import { expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { DEFAULT_INTERVALS } from '../../../models/intervals/intervals-schema.ts';
import { measuredCoverage } from '../../../models/intervals/measured-coverage.ts';
import { madeUpPredictions } from '../../proofs/learning/conformal-proof.ts';
import { terminalText } from '../../run/terminal.ts';
import { exampleReport } from '../../testing/example-report.ts';
import { runExample } from '../../testing/example-result.ts';
import { coverageSection } from './coverage-section.ts';

const example = runExample({ bars: 300, randomRuns: 5 });
const withCoverage = (horizonBars: number) => {
  const predictions = madeUpPredictions('independent', createRandom('coverage'));
  const coverage = measuredCoverage(predictions, { ...DEFAULT_INTERVALS, horizonBars, random: createRandom(1) });
  return exampleReport({ ...example, walkForward: { ...example.walkForward, coverage } });
};

it('says in document, report and terminal how often returns lay within their intervals', () => {
  const input = withCoverage(1);
  const { coverage } = input.result.outOfSample!;
  expect(coverage).toMatchObject({ level: 0.9, rows: 1440, folds: [{ fold: 1, rows: 1440 }] });
  const share = `${(100 * coverage!.coverage!).toFixed(1)} %`;
  expect(coverageSection(input)!.markup).toContain(share);
  const reason = input.result.reasons.find((one) => one.startsWith('coverage: '))!;
  expect(reason).toContain(`hold: ${share}`);
  expect(terminalText(input, { color: false, reportPath: null, model: null })).toContain('coverage: intervals of 90 %');
});

it('says that there are none where outcomes are known too late, and nothing where nobody measured', () => {
  const late = withCoverage(1480);
  expect(coverageSection(late)).toBeNull();
  expect(late.result.reasons).toContainEqual(expect.stringContaining('coverage: too few outcomes'));
  expect(coverageSection(exampleReport(example))).toBeNull();
});
