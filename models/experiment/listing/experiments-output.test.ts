import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { shippedExperiments } from '../experiment-names.ts';
import { experimentOutput, experimentsOutput } from './experiments-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-experiments-'));
const file = join(folder, 'mine.yaml');
writeFileSync(file, 'name: mine\nuniverse: [A, B, C, D, E]\ndata: { source: simulated }\n');
writeFileSync(join(folder, 'broken.yaml'), 'name: broken\nuniverze: [A]\n');
writeFileSync(join(folder, 'other.yaml'), 'key: value\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('experiments', () => {
  it('lists those that come along and those of the folder, and what is wrong with one', () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { value, text } = experimentsOutput();
      const found = value as { asked: string; name: string; from: string; mistake: string | null }[];
      expect(found.filter(({ from }) => from === 'shipped').map(({ asked }) => asked)).toEqual(shippedExperiments());
      expect(found.filter(({ mistake, from }) => mistake !== null && from === 'shipped')).toEqual([]);
      expect(found.filter(({ from }) => from === 'here')).toMatchObject([
        { asked: 'broken.yaml', name: 'broken', mistake: expect.stringContaining('unknown key univerze') as string },
        { asked: 'mine.yaml', name: 'mine', universe: 'A, B, C, D and 1 more', mistake: null },
      ]);
      expect(text()).toContain('default');
    } finally {
      process.chdir(before);
    }
  });

  it('shows every key of one', () => {
    const { value, text } = experimentOutput(file);
    expect(value).toMatchObject({ name: 'mine', registry: { expiresAfterDays: 'tested' } });
    expect(text()).toContain('expiresAfterDays: tested');
    expect(() => experimentOutput('nothing')).toThrow(/There is no experiment nothing/);
  });
});
