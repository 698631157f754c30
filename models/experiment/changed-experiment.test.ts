import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { changedExperiment } from './changed-experiment.ts';
import { experimentPath } from './experiment-names.ts';
import { experimentHash, loadExperiment } from './load-experiment.ts';

const folder = mkdtempSync(join(tmpdir(), 'changed-'));
afterAll(() => rmSync(folder, { recursive: true }));

const changed = (...changes: string[]): Promise<string> => changedExperiment('default', changes, join(folder, 'data'));

describe('an experiment with keys changed for a run', () => {
  it('is the experiment but for them, under a name that is not its own', async () => {
    const shipped = loadExperiment('default');
    const member = shipped.estimators.find(({ kind }) => kind === 'random-forest')!.name;
    const path = await changed('costs.feeBps=7', `estimators.${member}.trees=17`, 'features=[return(1), rsi(14)]');
    const found = loadExperiment(path);
    expect(found.name).toMatch(new RegExp(`^${shipped.name}-set-[0-9a-f]{8}$`));
    expect(found.costs).toEqual({ ...shipped.costs, feeBps: 7 });
    expect(found.features).toEqual(['return(1)', 'rsi(14)']);
    expect(found.estimators.find(({ name }) => name === member)).toMatchObject({ trees: 17 });
    expect(found.splits).toEqual(shipped.splits);
    expect(experimentHash(found)).not.toBe(experimentHash(shipped));
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  it('has one name for the same changes, another for others, and is what was asked for without any', async () => {
    const one = await changed('costs.feeBps=7', 'seed=3');
    expect(await changed('seed=3', 'costs.feeBps=7')).toBe(one);
    expect(await changed('costs.feeBps=8', 'seed=3')).not.toBe(one);
    expect(await changed()).toBe('default');
    expect(readFileSync(one, 'utf8')).toContain('feeBps: 7');
  });

  it('is what was asked for where keys are set to what they are, written down or by default', async () => {
    const { seed, costs, estimators } = loadExperiment('default');
    const same = [`seed=${seed}`, `costs.fill=${costs.fill}`, `estimators.0.kind=${estimators[0]!.kind}`];
    expect(await changed(...same)).toBe('default');
    expect(await changed('costs.feeBps=7', ...same)).toBe(await changed('costs.feeBps=7'));
  });

  it('tells mistakes by the lines of the file itself, in whatever layout that is', async () => {
    const file = join(folder, 'mine.yaml');
    const text = `# A comment\n\n${readFileSync(experimentPath('default'), 'utf8').replace('feeBps: 1', 'feeBps:\n\n    1')}`;
    writeFileSync(file, text);
    const line = (start: string): number => text.split('\n').findIndex((one) => one.trim().startsWith(start)) + 1;
    const refused = (...changes: string[]) => changedExperiment(file, changes, join(folder, 'data'));
    const [fee, seed] = [line('feeBps'), line('seed')];
    await expect(refused('costs.feeBps=-1')).rejects.toThrow(`mine.yaml:${fee} with --set: costs.feeBps: must be`);
    await expect(refused('costs.feeBps=-1', 'seed=x')).rejects.toThrow(`mine.yaml:${seed} with --set: seed: must be`);
    await expect(refused('costs.fee=1')).rejects.toThrow(
      `mine.yaml:${line('costs')} with --set: unknown key costs.fee`,
    );
    await expect(refused('seeed=1')).rejects.toThrow('mine.yaml with --set: unknown key seeed; did you mean seed?');
  });

  it.each([
    ['costs.feeBpz=7', /default.yaml:\d+ with --set.*feeBpz.*feeBps/s],
    ['costs.feeBps=-1', /default.yaml:\d+ with --set.*costs\.feeBps/s],
    ['estimators.forst.trees=5', /there is no forst; did you mean forest\?/],
    ['costs.feeBps', /not of the form key=value/],
    ['name=mine', /a name of its own/],
    ['estimators.nobody.trees=5', /there is no nobody/],
    ['seed.more=5', /seed/],
    ['features=[return(1)', /no YAML/],
  ])('refuses %s in words', async (change, words) => {
    await expect(changed(change)).rejects.toThrow(words);
  });

  it('refuses a key that is given twice', async () => {
    await expect(changed('seed=1', 'seed=2')).rejects.toThrow(/seed is given twice/);
  });
});
