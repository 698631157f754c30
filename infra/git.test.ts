import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { sourceDifference, sourceState } from './git.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-git-'));
afterAll(() => rmSync(folder, { recursive: true }));

const git = (...words: string[]): void => {
  const who = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a' };
  execFileSync('git', words, { cwd: folder, env: { PATH: loadConfig().programPath, ...who }, stdio: 'ignore' });
};
const write = (text: string): void => writeFileSync(join(folder, 'rule.ts'), text);

it('says which commit the source is of, and what is not committed', () => {
  expect(sourceState(folder)).toEqual({ commit: null, dirty: false });
  expect(sourceDifference(folder)).toBeNull();
  git('init');
  write('const fast = 5;\n');
  git('add', '.');
  git('commit', '-m', 'a rule');
  const clean = sourceState(folder);
  expect(clean).toEqual({ commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string, dirty: false });
  expect(sourceDifference(folder)).toBeNull();
  write('const fast = 7;\nconst url = "postgres://me:hidden-word@host/db";\n');
  expect(sourceState(folder)).toEqual({ commit: clean.commit, dirty: true });
  const difference = sourceDifference(folder)!;
  expect(difference).toContain('-const fast = 5;\n+const fast = 7;\n');
  expect(difference).not.toContain('hidden-word');
});

it('cuts what nobody would read', () => {
  write('// a line of many\n'.repeat(100_000));
  expect(sourceDifference(folder)!.length).toBeLessThanOrEqual(1_000_001);
});
