// Installs what a checkout needs before the first command, and nothing when it is already there. Plain JavaScript: it
// runs before any dependency exists.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const STAMP = `${ROOT}node_modules/.signalbox-installed`;
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `signalbox needs Node 20.19 or later; this is ${process.versions.node}. Install a newer Node.\n`,
  );
  process.exit(2);
}

const wanted = createHash('sha256')
  .update(readFileSync(`${ROOT}package-lock.json`))
  .update(process.versions.modules)
  .digest('hex');

/** What the stamp holds; null where it belongs to another user, who installs for those who only read. */
function readStamp() {
  try {
    return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  } catch (error) {
    if (error.code === 'EACCES') return null;
    throw error;
  }
}

const installed = readStamp();
if (installed !== null && installed !== wanted) {
  process.stderr.write('setup: installing the dependencies of package-lock.json (about half a minute, once)\n');
  const started = performance.now();
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, prefix] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const result = spawnSync(command, [...prefix, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (result.status !== 0) {
    process.stderr.write('setup: npm ci failed (see above). Is the npm registry reachable?\n');
    process.exit(1);
  }
  const draft = `${STAMP}.${randomBytes(12).toString('hex')}`;
  writeFileSync(draft, wanted, { mode: 0o600, flag: 'wx' });
  renameSync(draft, STAMP);
  process.stderr.write(`setup: dependencies installed in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}
