// Installs what a checkout needs before the first command, builds the console beside that, and does nothing when all is
// already there. Plain JavaScript: it runs before any dependency exists. A stamp is written last and taken away first:
// what was killed is begun again, with what npm has in its cache by then.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
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

/** A folder with packages of its own: where its stamp is, and what the stamp holds once all of them are there. */
function place(folder, ofWhat) {
  const lockText = readFileSync(`${folder}package-lock.json`, 'utf8');
  return {
    folder,
    ofWhat,
    lockText,
    stamp: `${folder}node_modules/.signalbox-installed`,
    /** Beside node_modules, which npm empties. Holds the process that is at work. */
    lock: `${folder}.signalbox-installing`,
    wanted: createHash('sha256').update(lockText).update(process.versions.modules).digest('hex'),
  };
}

/** What a stamp holds; null where it belongs to another user, who installs for those who only read. */
function readStamp(stamp) {
  try {
    return existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  } catch (error) {
    if (error.code === 'EACCES') return null;
    throw error;
  }
}

const isInstalled = ({ stamp, wanted }) => [null, wanted].includes(readStamp(stamp));

/** Written beside and renamed: a stamp is whole, or not there. */
function writeStamp(stamp, text) {
  const draft = `${stamp}.${randomBytes(12).toString('hex')}`;
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  renameSync(draft, stamp);
}

/** Whether the process that a lock names is there. */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Two installs at once would take each other's files away: the second waits for the first. */
async function takeLock(lock) {
  const until = performance.now() + WAIT_MS_MAX;
  for (let told = -Infinity; !tryLock(lock); await sleep(200)) {
    const holder = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : NaN);
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
    else if (performance.now() > until) {
      say(`process ${holder} has been installing for too long. End it, or delete ${lock} if it is something else.`);
      process.exit(1);
    } else if (performance.now() - told > TELL_MS) {
      told = performance.now();
      say(`waiting for process ${holder}, which is installing here`);
    }
  }
}

/** Folders of the packages that the lock file wants on this machine. */
function packageFolders({ folder, lockText }) {
  const fits = (list, name) => list === undefined || list.includes(name) || list.some((one) => one.startsWith('!'));
  return Object.entries(JSON.parse(lockText).packages ?? {})
    .filter(([path, { os, cpu }]) => path !== '' && fits(os, process.platform) && fits(cpu, process.arch))
    .map(([path]) => `${folder}${path}/package.json`);
}

/** Runs a program of Node to its end; its exit code, or the signal that ended this. */
async function run({ folder, lock }, [command, ...args], tell = () => undefined) {
  const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 2, 2] });
  // Should this process be killed, the child may go on: the next one waits for it.
  if (child.pid !== undefined) writeFileSync(lock, String(child.pid));
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

/** Why a program did not end well, in words; null where it did. */
function failureOf(ended, { ofWhat, seconds, did }) {
  if (ended === 0) return null;
  if (typeof ended === 'string' && ended.startsWith('SIG')) {
    return `stopped by ${ended} after ${seconds} s. The next call begins again, with what npm has fetched by now.`;
  }
  const remedy = did === 'npm ci' ? ' Is the npm registry reachable?' : '';
  return `${did}${ofWhat} failed (${ended ?? 'killed'}; see above).${remedy}`;
}

/** Installs the packages of a place; why it could not, or null. */
async function install(at) {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0);
  rmSync(at.stamp, { force: true });
  const npm = process.env.npm_execpath;
  const args = ['ci', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  const folders = packageFolders(at);
  const ended = await run(at, [...(npm === undefined ? ['npm'] : [process.execPath, npm]), ...args], () => {
    const there = folders.filter((path) => existsSync(path)).length;
    say(`${there} of ${folders.length} packages${at.ofWhat} are there, ${seconds()} s`);
  });
  const failure = failureOf(ended, { ofWhat: at.ofWhat, seconds: seconds(), did: 'npm ci' });
  if (failure !== null) return failure;
  writeStamp(at.stamp, at.wanted);
  say(`dependencies${at.ofWhat} installed in ${seconds()} s`);
  return null;
}

/** Does a work under the lock of a place, where nobody has done it meanwhile. */
async function onceAt(at, isDone, work) {
  if (isDone()) return null;
  await takeLock(at.lock);
  try {
    return isDone() ? null : await work();
  } finally {
    rmSync(at.lock, { force: true });
  }
}

const ownPlace = place(ROOT, '');

async function installOwn() {
  return onceAt(
    ownPlace,
    () => isInstalled(ownPlace),
    () => {
      say('installing the dependencies of package-lock.json (about half a minute, once)');
      return install(ownPlace);
    },
  );
}

const CONSOLE = `${ROOT}trading/console/`;
const CONSOLE_PARTS = ['console.html', 'package-lock.json', 'page', 'public', 'vite.config.ts'];
/** What the console's page takes at run time from elsewhere. A test looks whether that is all. */
const CONSOLE_TAKES = [
  'features/timeframe.ts',
  'infra/alerts/rules/span-text.ts',
  'infra/auth/roles.ts',
  'infra/clock.ts',
  'trading/sessions/operators/limit-use.ts',
];

/** Every file below a path, in order. */
function filesBelow(path) {
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesBelow(`${path}/${entry.name}`) : [`${path}/${entry.name}`],
  );
}

/** Names what the console is built from. */
function hashOfConsole() {
  const parts = CONSOLE_PARTS.map((part) => `${CONSOLE}${part}`).flatMap((path) =>
    path.endsWith('page') || path.endsWith('public') ? filesBelow(path) : [path],
  );
  const hash = createHash('sha256');
  for (const path of [...parts, ...CONSOLE_TAKES.map((one) => `${ROOT}${one}`)]) {
    hash.update(path.slice(ROOT.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/** Builds the console beside the one that is served, and puts it in its place whole. */
async function buildConsole(at, wanted) {
  const started = performance.now();
  const draft = 'node_modules/.draft';
  rmSync(`${CONSOLE}${draft}`, { recursive: true, force: true });
  const vite = ['node_modules/vite/bin/vite.js', 'build', '--outDir', draft, '--emptyOutDir', '--logLevel', 'error'];
  const ended = await run(at, [process.execPath, ...vite]);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const failure = failureOf(ended, { ofWhat: at.ofWhat, seconds, did: 'the build' });
  if (failure !== null) return failure;
  writeStamp(`${CONSOLE}${draft}/.built-from`, wanted);
  rmSync(`${CONSOLE}dist`, { recursive: true, force: true });
  renameSync(`${CONSOLE}${draft}`, `${CONSOLE}dist`);
  say(`console built in ${seconds} s`);
  return null;
}

async function makeConsole() {
  // An image carries the built console, and no source of it.
  if (!existsSync(`${CONSOLE}package-lock.json`)) return null;
  const at = place(CONSOLE, ' of the console');
  const wanted = hashOfConsole();
  const isBuilt = () => [null, wanted].includes(readStamp(`${CONSOLE}dist/.built-from`));
  return onceAt(
    at,
    () => isInstalled(at) && isBuilt(),
    async () => {
      const failure = isInstalled(at) ? null : await install(at);
      return failure ?? (isBuilt() ? null : buildConsole(at, wanted));
    },
  );
}

const [failure, consoleFailure] = await Promise.all([installOwn(), makeConsole()]);
if (failure !== null) say(failure);
if (consoleFailure !== null) say(`${consoleFailure} All but the console works; the next call tries again.`);
// Whoever stopped this wanted nothing to follow.
process.exitCode = failure !== null || consoleFailure?.startsWith('stopped by') === true ? 1 : 0;
