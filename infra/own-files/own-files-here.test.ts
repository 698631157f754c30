import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ownFileLine, ownFilesHere } from './own-files-here.ts';

const folder = mkdtempSync(join(tmpdir(), 'own-files-here-'));
const before = process.cwd();
process.chdir(folder);
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const SIZER = "import type { OwnSizer } from 'signalbox';\nconst own: OwnSizer = ";
writeFileSync(
  'b.ts',
  `${SIZER}{ parameters: { most: { default: 0.5, min: 0, max: 1 }, n: 3 }, size: () => ({ units: 1 }) };\nexport default own;\n`,
);
writeFileSync('a.ts', `${SIZER}{ parameters: {}, size: () => 'much' };\nexport default own;\n`);
writeFileSync('c.ts', 'export const other = 1;\n');
writeFileSync('d.ts', "// As in import type { OwnSizer } from 'signalbox'.\nexport default 1;\n");

describe('the files of a folder', () => {
  it('are those that import the type of a kind, with their parameters, or with what is wrong', () => {
    const [broken, fine, ...others] = ownFilesHere('sizer');
    expect(others).toEqual([]);
    expect(broken).toMatchObject({ name: 'a', file: './a.ts', hash: null, parameters: [] });
    expect(ownFileLine(broken!)).toMatch(/^\.\/a\.ts:2:\d+: Type .* is not assignable/);
    expect(fine).toEqual({
      name: 'b',
      file: './b.ts',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      parameters: [
        { name: 'most', type: 'number', default: 0.5, minimum: 0, maximum: 1 },
        { name: 'n', type: 'number', default: 3, minimum: null, maximum: null },
      ],
      mistake: null,
    });
    expect(ownFileLine(fine!)).toBe('most=0.5 n=3');
    expect(ownFilesHere('strategy')).toEqual([]);
  });
});
