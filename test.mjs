// The whole proof of a checkout: types, lint, format, unused exports, unit and integration tests. Ends with the suites
// that were left out because this machine lacks what they need, and one closing line of counts. Words after
// `npm test --` go to vitest.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const filters = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
const leftOutFile = join(scratch, 'left-out.txt');
const countsFile = join(scratch, 'counts.json');
const say = (text) => process.stdout.write(`${text}\n`);

/** Runs a locally installed tool; returns whether it succeeded. */
function run(title, tool, args) {
  const started = performance.now();
  say(`\n== ${title}`);
  const result = spawnSync(process.execPath, [join(ROOT, 'node_modules', tool), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, SIGNALBOX_LEFT_OUT_FILE: leftOutFile },
  });
  say(
    `== ${title}: ${result.status === 0 ? 'ok' : 'FAILED'} in ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  return result.status === 0;
}

const results = [
  filters.length > 0 || run('types', 'typescript/bin/tsc', ['--noEmit']),
  filters.length > 0 || run('lint', 'eslint/bin/eslint.js', ['.', '--max-warnings=0']),
  filters.length > 0 || run('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
  filters.length > 0 || run('exports', 'knip/bin/knip.js', ['--no-progress']),
  run('tests', 'vitest/vitest.mjs', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${countsFile}`,
    ...filters,
  ]),
];

const leftOut = existsSync(leftOutFile)
  ? [...new Set(readFileSync(leftOutFile, 'utf8').split('\n').filter(Boolean))].sort()
  : [];
if (leftOut.length > 0) say(`\nNot run on this machine:\n${leftOut.map((line) => `  - ${line}`).join('\n')}`);
const counts = existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, 'utf8')) : null;
rmSync(scratch, { recursive: true, force: true });
if (counts === null) say('\nvitest wrote no result: it did not start or was killed');
else {
  const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = counts;
  say(`\ntests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
}
process.exit(results.every(Boolean) && counts !== null && counts.numPassedTests > 0 ? 0 : 1);
