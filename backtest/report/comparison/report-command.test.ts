import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import { typeCommand, type TypedCommand } from '../../../infra/terminal/testing/typed-command.ts';
import { registerBacktestCommands } from '../../commands.ts';
import { exampleReport } from '../../testing/example-report.ts';
import { runExample } from '../../testing/example-result.ts';

const { folder, file } = scratchFiles('report-command');
const run = (skill: number, experiment: string): string => {
  const { result } = exampleReport(runExample({ bars: 300, randomRuns: 5, skill }));
  return file(JSON.stringify({ ...result, experiment }), `${experiment}.json`);
};
const [blind, known] = [run(0, 'blind'), run(0.3, 'known')];
const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand({ register: registerBacktestCommands, env: { SIGNALBOX_HOME: folder } }, 'report', ...argv);

interface Compared {
  readonly runs: readonly { name: string; path: string; totalReturn: number }[];
  readonly sharedDays: number;
}

describe('report', () => {
  it('compares runs as a document without every mark, as a table, and as a page', async () => {
    const { code, out } = await typed(blind, known, '--json');
    const value = JSON.parse(out) as Compared;
    expect([code, value.sharedDays]).toEqual([0, 299]);
    expect(value.runs.map(({ name, path }) => [name, path])).toEqual([
      ['blind', blind],
      ['known', known],
    ]);
    expect(value.runs[0]).not.toHaveProperty('equity');

    const page = join(folder, 'page.html');
    const words = await typed(blind, known, '--out', page);
    expect(words.code).toBe(0);
    expect(words.out).toMatch(/blind +[│|] known/);
    expect(words.out).toContain('Against blind over 299 shared days');
    expect(words.out).toMatch(new RegExp(`The comparison is in ${page}\\.\\n$`));
    for (const { totalReturn } of value.runs) {
      const shown = (100 * Math.abs(totalReturn)).toFixed(2);
      expect(words.out).toContain(shown);
      expect(readFileSync(page, 'utf8')).toContain(shown);
    }
  });

  it('refuses one run, thirteen, one that is not there, and to write over a run', async () => {
    const one = await typed(blind);
    expect(one).toMatchObject({ code: 2, out: '' });
    expect(one.err).toBe('error: 1 run named: from 2 to 12 can be compared.\n  remedy: Name at least two.\n');
    const many = await typed(...Array.from({ length: 13 }, () => blind));
    expect(many).toMatchObject({ code: 2, out: '' });
    expect(many.err).toBe('error: 13 runs named: from 2 to 12 can be compared.\n  remedy: Name no more than 12.\n');
    const absent = await typed(blind, 'nobody', '--out', join(folder, 'none.html'));
    expect([absent.code, existsSync(join(folder, 'none.html'))]).toEqual([2, false]);
    expect(absent.err).toContain('There is no run nobody');
    const before = readFileSync(known, 'utf8');
    const over = await typed(blind, known, '--out', known);
    expect([over.code, readFileSync(known, 'utf8') === before]).toEqual([2, true]);
    expect(over.err).toMatch(/--out .*RUN/);
  });
});
