// Installs what a checkout needs before the first command, and nothing when it is already there. Plain JavaScript: it
// runs before any dependency exists. The stamp is written last and taken away first: an install that was killed is
// begun again, with what npm has in its cache by then.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const STAMP = `${ROOT}node_modules/.signalbox-installed`;
/** Beside node_modules, which npm empties. Holds the process that installs. */
const LOCK = `${ROOT}.signalbox-installing`;
const TELL_MS = 5_000;
const WAIT_MS_MAX = 30 * 60_000;
const [major, minor] = process.versions.node.split('.').map(Number);
const say = (text) => process.stderr.write(`setup: ${text}\n`);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `signalbox needs Node 20.19 or later; this is ${process.versions.node}. Install a newer Node.\n`,
  );
  process.exit(2);
}

const lockText = readFileSync(`${ROOT}package-lock.json`, 'utf8');
const wanted = createHash('sha256').update(lockText).update(process.versions.modules).digest('hex');

/** What the stamp holds; null where it belongs to another user, who installs for those who only read. */
function readStamp() {
  try {
    return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  } catch (error) {
    if (error.code === 'EACCES') return null;
    throw error;
  }
}

const isInstalled = () => [null, wanted].includes(readStamp());

/** Whether the process that a lock names is there. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two installs at once would take each other's files away: the second waits for the first. */
async function lock() {
  const until = performance.now() + WAIT_MS_MAX;
  for (let told = -Infinity; !tryLock(); await sleep(200)) {
    const holder = Number(existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : NaN);
    if (holder > 0 && !isAlive(holder)) rmSync(LOCK, { force: true });
    else if (performance.now() > until) {
      say(`process ${holder} has been installing for too long. End it, or delete ${LOCK} if it is something else.`);
      process.exit(1);
    } else if (performance.now() - told > TELL_MS) {
      told = performance.now();
      say(`waiting for process ${holder}, which is installing here`);
    }
  }
}

/** Folders of the packages that the lock file wants on this machine. */
function packageFolders() {
  const fits = (list, name) => list === undefined || list.includes(name) || list.some((one) => one.startsWith('!'));
  return Object.entries(JSON.parse(lockText).packages ?? {})
    .filter(([path, { os, cpu }]) => path !== '' && fits(os, process.platform) && fits(cpu, process.arch))
    .map(([path]) => `${ROOT}${path}/package.json`);
}

/** Runs npm to its end; its exit code, or the signal that ended this. */
async function runNpm(secondsSince) {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, prefix] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const child = spawn(command, [...prefix, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  // Should this process be killed, npm may go on: the next one waits for it.
  if (child.pid !== undefined) writeFileSync(LOCK, String(child.pid));
  const folders = packageFolders();
  const tell = () => {
    const there = folders.filter((path) => existsSync(path)).length;
    say(`${there} of ${folders.length} packages are there, ${secondsSince()} s`);
  };
  const timer = setInterval(tell, TELL_MS);
  let stoppedBy = null;
  const stop = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', resolve);
  });
  clearInterval(timer);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop);
  return stoppedBy ?? code;
}

async function install() {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  say('installing the dependencies of package-lock.json (about half a minute, once)');
  rmSync(STAMP, { force: true });
  const ended = await runNpm(seconds);
  if (typeof ended === 'string' && ended.startsWith('SIG')) {
    say(`stopped by ${ended} after ${seconds()} s. The next call begins again, with what npm has fetched by now.`);
    return 1;
  }
  if (ended !== 0) {
    say(`npm ci failed (${ended ?? 'killed'}; see above). Is the npm registry reachable?`);
    return 1;
  }
  const draft = `${STAMP}.${randomBytes(12).toString('hex')}`;
  writeFileSync(draft, wanted, { mode: 0o600, flag: 'wx' });
  renameSync(draft, STAMP);
  say(`dependencies installed in ${seconds()} s`);
  return 0;
}

if (!isInstalled()) {
  await lock();
  let code = 0;
  try {
    // The process that was waited for may have done it.
    if (!isInstalled()) code = await install();
  } finally {
    rmSync(LOCK, { force: true });
  }
  process.exit(code);
}
