import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { exampleReport } from '../../testing/example-report.ts';
import { runExample } from '../../testing/example-result.ts';
import { namedRuns, readRun } from './compared-run.ts';
import { comparedRows, comparedText, comparisonPage } from './comparison-page.ts';
import { compareRuns } from './comparison.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (path: string, value: unknown): string => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify(value));
  return join(folder, path);
};

const known = exampleReport(runExample({ bars: 400, randomRuns: 5, skill: 0.3 })).result;
const blind = exampleReport(runExample({ bars: 400, randomRuns: 5, skill: 0 })).result;

describe('runs side by side', () => {
  const a = write('blind.json', blind);
  const b = write('reports/known/result.json', { ...known, experiment: 'known' });

  it('are found as files, as folders and by the name of a kept report', async () => {
    expect((await readRun(a, folder)).path).toBe(a);
    expect((await readRun('known', folder)).path).toBe(b);
    expect((await readRun(join(folder, 'reports/known'), '/nowhere')).path).toBe(b);
  });

  it('are compared on shared days, the others against the first', async () => {
    const runs = namedRuns(await Promise.all([a, 'known', a].map((name) => readRun(name, folder))));
    expect(runs.map(({ name }) => name)).toEqual(['example-daily (1)', 'known', 'example-daily (3)']);
    const comparison = compareRuns(runs);
    expect(comparison.sharedDays).toBe(399);
    expect(comparison.sharedReturns[1]).toBeCloseTo(known.totalReturn, 9);
    expect(comparison.correlations[0]![2]).toBeCloseTo(1, 9);
    expect(comparison.superiorAbility).toMatchObject({ bestRun: 'known', trials: 2 });
    expect(comparison.superiorAbility!.consistent).toBeLessThan(0.05);
    expect(comparedText(comparison)).toContain('Against example-daily (1) over 399 shared days');
    const page = await comparisonPage(comparison);
    expect(page).not.toMatch(/<script|<img|src=|undefined|NaN/);
    expect(page).toContain('known');
    expect(await comparisonPage(comparison)).toBe(page);
  });

  it('of other days say so, and are compared no further', async () => {
    const later = { ...known, from: '2030-01-01T21:00:00Z', equity: [['2030-01-01T21:00:00Z', 1_000]] };
    const other = write('later.json', later);
    const comparison = compareRuns(namedRuns(await Promise.all([a, other].map((name) => readRun(name, folder)))));
    expect(comparison).toMatchObject({ sharedDays: 0, superiorAbility: null, from: null });
    expect(comparison.reasons.join()).toContain('The runs cover different days');
    expect(comparedRows(comparison).at(-1)).toEqual(['Total return on shared days', 'n/a', 'n/a']);
    expect(await comparisonPage(comparison)).not.toContain('Correlation of daily returns');
  });

  it('are refused in words where there is none, or no result', async () => {
    await expect(readRun('nobody', folder)).rejects.toThrow('There is no run nobody');
    const large = write('large.json', {});
    truncateSync(large, 700_000_000);
    await expect(readRun(large, folder)).rejects.toThrow(/large\.json: 700000000 bytes, and 268435456 are the most/);
    await expect(readRun(write('other.json', { a: 1 }), folder)).rejects.toThrow(/is no result document: experiment/);
    writeFileSync(join(folder, 'broken.json'), '{');
    await expect(readRun(join(folder, 'broken.json'), folder)).rejects.toThrow(/cannot be read as JSON/);
  });
});
