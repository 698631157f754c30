// `npm run coverage [-- FILTER ...]`: which lines the tests run, child processes and worker threads included. Node
// writes what each process covered (NODE_V8_COVERAGE), c8 maps it to the sources. In batches: one that is done is not
// run again by the next call at the same commit. Ends with a table and 1 where less than 90 % of the lines are covered
// or a test fails. All output: coverage/.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import coverage from 'istanbul-lib-coverage';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const OUT = join(ROOT, 'coverage');
const RAW = join(OUT, 'raw');
const LOADER = new URL('infra/typescript/typescript-loader.mjs', import.meta.url).href;
const BATCH_FILES = 12;
const LINES_MIN = 0.9;
/** What counts: everything that users run. */
const LEFT_OUT = /(^|\/)(testing|bench|proofs|node_modules)\/|\.test\.ts$|\.config\.ts$|\.d\.ts$/;

const say = (text) => process.stdout.write(`${text}\n`);
const git = (...args) => spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout;
const tool = (path, args, env = {}) =>
  spawnSync(process.execPath, ['--import', LOADER, join(ROOT, 'node_modules', path), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  }).status === 0;

const tracked = git('ls-files', '*.ts').split('\n').filter(Boolean);
/** Of the sources as they stand: other sources make other lines. */
const state = createHash('sha256')
  .update(git('rev-parse', 'HEAD'))
  .update(git('diff', 'HEAD'))
  .digest('hex')
  .slice(0, 12);

/** Runs a batch of test files and keeps its lines in `coverage/batches`; whether all tests passed. */
function runBatch(files) {
  const name = createHash('sha256')
    .update(`${state}\n${files.join('\n')}`)
    .digest('hex')
    .slice(0, 16);
  const done = join(OUT, 'batches', name);
  if (existsSync(join(done, 'passed'))) return { done, passed: true };
  rmSync(RAW, { recursive: true, force: true });
  mkdirSync(RAW, { recursive: true, mode: 0o700 });
  const config = ['-c', 'vitest-coverage.config.ts'];
  const passed = tool('vitest/vitest.mjs', ['run', ...config, ...files], { NODE_V8_COVERAGE: RAW });
  const draft = `${done}.part`;
  const mapped = ['--extension', '.ts', '--exclude', '**/*.test.ts', '--exclude-after-remap', '--merge-async'];
  const from = ['--temp-directory', RAW, '--reports-dir', draft, '--reporter', 'json'];
  if (!tool('c8/bin/c8.js', ['report', ...from, ...mapped])) throw new Error('c8 cannot read what the processes wrote');
  if (passed) writeFileSync(join(draft, 'passed'), '');
  rmSync(done, { recursive: true, force: true });
  renameSync(draft, done);
  rmSync(RAW, { recursive: true });
  return { done, passed };
}

/** Whether anything of a file is left when its types are gone: only that can be covered. */
function runs(path) {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext, removeComments: true };
  const { outputText } = ts.transpileModule(readFileSync(join(ROOT, path), 'utf8'), { compilerOptions: options });
  return outputText.replace(/export \{\s*\};?|export \{[^}]*\} from [^;]+;|\s/g, '') !== '';
}

/** Covered and all lines of a file; one that no process loaded has none covered. */
function linesOf(map, path) {
  const file = join(ROOT, path);
  if (map.files().includes(file)) return map.fileCoverageFor(file).toSummary().lines;
  return { total: readFileSync(file, 'utf8').trimEnd().split('\n').length, covered: 0 };
}

function table(map) {
  const sums = new Map();
  const least = [];
  for (const path of tracked.filter((one) => !LEFT_OUT.test(one) && runs(one))) {
    const { total, covered } = linesOf(map, path);
    if (total === 0) continue;
    least.push({ path, missing: total - covered, share: covered / total });
    const parts = path.split('/').slice(0, -1);
    for (const folder of [
      'all',
      parts.length === 0 ? '.' : parts[0],
      ...(parts.length > 1 ? [parts.slice(0, 2).join('/')] : []),
    ]) {
      const sum = sums.get(folder) ?? { total: 0, covered: 0 };
      sums.set(folder, { total: sum.total + total, covered: sum.covered + covered });
    }
  }
  say('\nfolder                                lines   covered');
  for (const [folder, { total, covered }] of [...sums].sort(([a], [b]) => (a < b ? -1 : 1))) {
    say(`${folder.padEnd(34)}${String(total).padStart(9)}${`${((100 * covered) / total).toFixed(1)} %`.padStart(10)}`);
  }
  say('\nmost uncovered lines');
  for (const { path, missing, share } of least.sort((a, b) => b.missing - a.missing).slice(0, 20)) {
    say(`${String(missing).padStart(6)}  ${(100 * share).toFixed(0).padStart(3)} %  ${path}`);
  }
  const { total, covered } = sums.get('all');
  return covered / total;
}

const filters = process.argv.slice(2);
const tests = tracked
  .filter(
    (path) => path.endsWith('.test.ts') && (filters.length === 0 || filters.some((filter) => path.includes(filter))),
  )
  // Only vite can put another module in the place of one.
  .filter((path) => !readFileSync(join(ROOT, path), 'utf8').includes('vi.mock('))
  .sort();
if (tests.length === 0) {
  say(`No test file matches ${filters.join(' ')}.`);
  process.exit(2);
}
const map = coverage.createCoverageMap({});
const failed = [];
mkdirSync(join(OUT, 'batches'), { recursive: true, mode: 0o700 });
const batches = Math.ceil(tests.length / BATCH_FILES);
const started = performance.now();
for (let batch = 0; batch < batches; batch++) {
  const minutes = ((performance.now() - started) / 60_000).toFixed(0);
  say(`\n== batch ${batch + 1} of ${batches}, ${minutes} min so far`);
  const files = tests.slice(batch * BATCH_FILES, (batch + 1) * BATCH_FILES);
  const { done, passed } = runBatch(files);
  if (!passed) failed.push(batch + 1);
  map.merge(JSON.parse(readFileSync(join(done, 'coverage-final.json'), 'utf8')));
}
const share = table(map);
say(`\n${(100 * share).toFixed(1)} % of lines covered; ${100 * LINES_MIN} % are asked for`);
if (failed.length > 0) say(`Tests failed in batch ${failed.join(', ')}: the next call runs it again.`);
process.exit(share >= LINES_MIN && failed.length === 0 ? 0 : 1);
