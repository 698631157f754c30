// The whole proof of a checkout: types, lint, format, unused exports, unit and integration tests. Ends with the suites
// that were left out because this machine lacks what they need, and one closing line of counts. Words after
// `npm test --` go to vitest.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const filters = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
const leftOutFile = join(scratch, 'left-out.txt');
const countsFile = join(scratch, 'counts.json');
const say = (text) => process.stdout.write(`${text}\n`);

/** How often a tool that says nothing while it works is said to be at it. */
const TELL_MS = 10_000;

/** Runs a locally installed tool; returns whether it succeeded. */
async function run(title, tool, args) {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  say(`\n== ${title}`);
  const child = spawn(process.execPath, [join(ROOT, 'node_modules', tool), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, SIGNALBOX_LEFT_OUT_FILE: leftOutFile },
  });
  // Vitest tells of itself.
  const timer = title === 'tests' ? undefined : setInterval(() => say(`== ${title}: at it, ${seconds()}`), TELL_MS);
  const succeeded = await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
  clearInterval(timer);
  say(`== ${title}: ${succeeded ? 'ok' : 'FAILED'} in ${seconds()}`);
  return succeeded;
}

/** Both halves of what is checked without running it: side by side they take as long as the longer. */
const checked =
  filters.length > 0
    ? [true]
    : await Promise.all([
        run('lint', 'eslint/bin/eslint.js', ['.', '--max-warnings=0']),
        (async () => [
          await run('types', 'typescript/bin/tsc', ['--noEmit']),
          await run('types of the console', 'typescript/bin/tsc', ['--noEmit', '-p', 'trading/console/page']),
          await run('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level=warn', '.']),
          await run('exports', 'knip/bin/knip.js', ['--no-progress']),
        ])(),
      ]);
const results = [
  ...checked.flat(),
  await run('tests', 'vitest/vitest.mjs', [
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
