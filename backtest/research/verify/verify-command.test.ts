import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import { typeCommand, type TypedCommand } from '../../../infra/terminal/testing/typed-command.ts';
import { registerBacktestCommands } from '../../commands.ts';
import type { VerifiedFile } from './verify-file.ts';

const { folder, file } = scratchFiles('verify-command');
const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand({ register: registerBacktestCommands, env: { SIGNALBOX_HOME: folder } }, 'verify', ...argv);
const placed = (name: string, make: (at: string) => void): string => {
  make(join(folder, name));
  return join(folder, name);
};
const sizer = (size: string, name: string): string =>
  file(
    [
      "import type { OwnSizer } from 'signalbox';",
      'let calls = 0;',
      `const own: OwnSizer<{ n: number }> = { parameters: { n: { default: 2, min: 1, max: 9 } }, size: (_, { n }) => ${size} };`,
      'export default own;',
    ].join('\n'),
    name,
  );

describe('verify', () => {
  it('says which rules a file keeps, exit code 0', async () => {
    const kept = sizer('{ void (calls += 0); return { units: n }; }', 'kept.ts');
    const json = await typed(kept, '--set', 'n=3', '--json');
    const value = JSON.parse(json.out) as VerifiedFile;
    expect([json.code, value.kind, value.held]).toEqual([0, 'sizer', true]);
    const { code, out } = await typed(kept);
    const [head, ...lines] = out.trimEnd().split('\n');
    expect([code, head]).toEqual([0, `${kept} keeps the contract of a sizer: ${value.rules.length} rules.`]);
    expect(lines).toEqual(value.rules.map(({ rule, tried }) => `  ${tried ? 'held  ' : 'idle  '}  ${rule}`));
  });

  it('says which rule a file breaks and where, exit code 1', async () => {
    const broken = sizer('({ units: n + calls++ })', 'broken.ts');
    const { code, out } = await typed(broken);
    const value = JSON.parse((await typed(broken, '--json')).out) as VerifiedFile;
    const wrong = value.rules.filter(({ held }) => !held);
    expect(wrong.length).toBeGreaterThan(0);
    expect(code).toBe(1);
    expect(out).toContain(`${broken} breaks ${wrong.length} of ${value.rules.length} rules of a sizer.`);
    for (const { rule, tried } of wrong) expect(out).toContain(`  ${tried ? 'broken' : 'idle  '}  ${rule}\n`);
    expect(wrong.flatMap((one) => one.broken).length).toBeGreaterThan(0);
    for (const words of wrong.flatMap((one) => one.broken)) expect(out).toContain(`            ${words}`);
  });

  it.each([
    ['an assignment that is none', ['models/estimators/own/example/nearest-means.ts', '--set', 'n'], /--set n/],
    ['a file that is not there', ['absent.ts'], /absent\.ts: no such file/],
    [
      'what is no file of ours',
      ['package.json'],
      /package\.json: is no TypeScript file[\s\S]*remedy: Name a \.ts file/,
    ],
    ['a folder', [placed('folder.ts', (at) => void mkdirSync(at))], /folder\.ts: is a folder/],
    ['a pipe', [placed('pipe.ts', (at) => void execFileSync('mkfifo', [at]))], /pipe\.ts: is a pipe/],
  ])('refuses %s, exit code 2', async (_what, argv, words) => {
    const { code, out, err } = await typed(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
  });
});
