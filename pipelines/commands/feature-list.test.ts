import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { typeCommand, type TypedCommand } from '../../infra/terminal/testing/typed-command.ts';
import { bindAction } from '../../infra/command.ts';
import { addFeaturesCommand, featuresOfFile } from './features-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'feature-list-'));
const before = process.cwd();
process.chdir(folder);
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});
const own = (name: string, value: string): void =>
  writeFileSync(
    name,
    [
      "import type { OwnFeature } from 'signalbox';",
      'const own: OwnFeature<{ n: number }> = {',
      "  name: 'reach', parameters: { n: { default: 3, min: 1, max: 50, whole: true } }, warmUpBars: ({ n }) => n,",
      `  value: (view, { n }) => ${value},`,
      '};',
      'export default own;',
    ].join('\n'),
  );
own('reach.ts', 'view.close() - view.close(n)');
own('wrong.ts', "'much'");

const register = (program: Command): void => bindAction(addFeaturesCommand(program), featuresOfFile);
const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand({ register, env: { SIGNALBOX_HOME: folder } }, 'features', '--list', ...argv);

interface Entry {
  readonly name: string;
  readonly usage: string;
  readonly file?: string;
  readonly mistake?: string | null;
  readonly parameters: readonly object[];
}

describe('features --list', () => {
  it('has every feature that is shipped and the files of this folder, wrong ones with what is wrong', async () => {
    const { code, out } = await typed('--json');
    const value = JSON.parse(out) as Entry[];
    expect(code).toBe(0);
    const shipped = value.filter(({ file }) => file === undefined);
    expect(shipped.map(({ name }) => name)).toEqual(expect.arrayContaining(['sma', 'rsi', 'macd', 'beta']));
    expect(value.filter(({ file }) => file !== undefined)).toEqual([
      expect.objectContaining({ name: 'reach', usage: './reach.ts(n=3)', mistake: null }),
      expect.objectContaining({ name: 'wrong', mistake: expect.stringMatching(/^\.\/wrong\.ts:\d+:\d+: /) as string }),
    ]);
    const words = (await typed()).out;
    expect(words).toContain(`${shipped.length} features.`);
    for (const { usage } of shipped) expect(words).toContain(usage.slice(0, 20));
    expect(words).toMatch(
      /\n\.\/reach\.ts\(n=3\): your own, its column is called reach\(\.\.\.\)\n\.\/wrong\.ts:\d+:\d+: /,
    );
  });

  it('says all about one, shipped or a file', async () => {
    const { out } = await typed('MACD(12,26,9)');
    expect(out).toMatch(/^macd\(/);
    expect(out).toMatch(/: whole number from \d+ to \d+, default 12\n/);
    expect(out).toContain('  series: the close when none is written\n');
    expect(out).toMatch(/\n {2}outputs: .*histogram/);
    expect(JSON.parse((await typed('macd', '--json')).out)).toMatchObject({ name: 'macd', closeImplied: true });
    expect((await typed('./reach.ts')).out).toBe(
      './reach.ts(n=3)\n  your own, ./reach.ts\n  n: whole number from 1 to 50, default 3\n',
    );
  });

  it('refuses what there is not with the nearest name, and a file that is wrong, exit code 2', async () => {
    const typo = await typed('smaa');
    expect([typo.code, typo.out]).toEqual([2, '']);
    expect(typo.err).toMatch(/Unknown feature "smaa"[\s\S]*remedy: .*sma/);
    const wrong = await typed('./wrong.ts');
    expect([wrong.code, wrong.out]).toEqual([2, '']);
    expect(wrong.err).toMatch(/wrong\.ts:\d+:\d+: [\s\S]*remedy: Correct the file/);
  });
});
