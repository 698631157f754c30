import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { canonicalExperiment, experimentPath, heldNameOf } from './experiment-names.ts';
import { loadExperiment } from './load-experiment.ts';

describe('an experiment is found', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-names-'));
  const before = process.cwd();
  beforeAll(() => {
    writeFileSync(join(folder, 'mine.yaml'), 'name: gold-weekly\nuniverse: [AU]\n');
    writeFileSync(join(folder, 'notes.yaml'), '- no experiment\n');
  });
  afterEach(() => process.chdir(before));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(['default', 'spx-daily'])('by the name of its file and by the name it holds: %s', (asked) => {
    expect(basename(experimentPath(asked))).toBe('default.yaml');
    expect(loadExperiment(asked).name).toBe('spx-daily');
    expect(canonicalExperiment(asked)).toBe('default');
    expect(heldNameOf(asked)).toBe('spx-daily');
  });

  it.each(['mine', 'mine.yaml', 'gold-weekly'])('in the folder one works in: %s', (asked) => {
    process.chdir(folder);
    expect(experimentPath(asked)).toBe('mine.yaml');
    expect(heldNameOf(asked)).toBe('gold-weekly');
  });

  it('or the nearest name is told, and two that hold one name are both told', () => {
    expect(() => experimentPath('spx-dayly')).toThrow('There is no experiment spx-dayly. Did you mean spx-daily?');
    expect(() => experimentPath('spx-daily.msft-1a2b3c4d')).toThrow('is spx-daily over other data than its own');
    expect(heldNameOf('spx-dayly')).toBeNull();
    writeFileSync(join(folder, 'copy.yaml'), "name: 'gold-weekly' # the same\nuniverse: [AU]\n");
    process.chdir(folder);
    expect(() => experimentPath('gold-weekly')).toThrow(/(copy|mine)\.yaml and (copy|mine)\.yaml both hold/);
  });
});
