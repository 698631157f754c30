import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

// Each program runs as a user runs it, over the source: `prove package` runs them out of the packed library.
const FOLDER = new URL('.', import.meta.url).pathname;
const LOADER = new URL('../infra/typescript/typescript-loader.mjs', import.meta.url).href;
const SAID: Readonly<Record<string, RegExp>> = {
  'features.mjs': /^SPX: 5105 bars, rsi\(14\), lag\(roc\(5\),1\), stdev\(20\)\nthe last rsi\(14\) is \d\d\.\d\d\n$/,
  'own-bars.mjs': /^\d+ trades, -?\d+\.\d % after costs\n$/,
  'forest.mjs': /^5\d+ rows of .*\nchance of a rise over five days: (0\.\d+)\nthe same from the model as data: \1\n$/,
  'walk-forward.mjs': /^4081 predictions out of sample, \d+ trades\nverdict: (none|weak|evidence)\n.+\n$/,
  'own-strategy.mjs': /^dips: Sharpe ratio -?\d\.\d\d, \d+ trades, (none|weak|evidence)\nthe report is dips.html\n$/,
};

const place = mkdtempSync(join(tmpdir(), 'signalbox-examples-'));
afterAll(() => rmSync(place, { recursive: true }));
const programs = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'));

describe('the examples', () => {
  it('are each in the list, and tested here', () => {
    const listed = readFileSync(join(FOLDER, 'README.md'), 'utf8').matchAll(/^\| `([\w-]+\.mjs)`/gm);
    expect([...listed].map(([, name]) => name!).sort()).toEqual(programs);
    expect(Object.keys(SAID).sort()).toEqual(programs);
  });

  it.each(programs)('%s runs and says what it is to say', async (name) => {
    const words = ['-C', 'signalbox-source', '--import', LOADER, join(FOLDER, name)];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, words, { cwd: place });
    expect(stdout).toMatch(SAID[name]!);
    expect(stderr).toBe('');
    if (name === 'own-strategy.mjs') expect(existsSync(join(place, 'dips.html'))).toBe(true);
  });
});
