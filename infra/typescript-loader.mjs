// Lets Node import TypeScript: in the main process, in its children (`--import`) and in worker threads.
//
// tsx keeps what it has compiled in `tsx-<user>` below the temp folder, and runs what lies there whoever wrote it:
// anybody on the machine could plant code. It finds that folder when it is loaded, so it is loaded with a temp folder
// of our own, inside the `node_modules` it comes from: whoever can write there can change tsx itself. Without a cache a
// backtest starts 1.5 s later.
import { lstatSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const user = process.geteuid?.() ?? 'user';
const folder = fileURLToPath(new URL(`../node_modules/.compiled-${user}`, import.meta.url));

/** Whether `folder` is there (made if need be), ours, and closed to everybody else. */
function isOwnFolder() {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // A read-only checkout has no cache. What is already there is looked at like what was just made.
    if (error.code !== 'EEXIST') return false;
  }
  const found = lstatSync(folder);
  return found.isDirectory() && (user === 'user' || (found.uid === user && (found.mode & 0o077) === 0));
}

/** Runs `work` with other variables in the environment, which the threads that it starts inherit. */
async function withEnvironment(variables, work) {
  const before = Object.keys(variables).map((name) => [name, process.env[name]]);
  Object.assign(process.env, variables);
  try {
    await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

const variables = {
  // os.tmpdir() reads the first on POSIX, the others on Windows.
  ...{ TMPDIR: folder, TEMP: folder, TMP: folder },
  ...(isOwnFolder() ? {} : { TSX_DISABLE_CACHE: '1' }),
};
await withEnvironment(variables, async () => {
  const { register } = await import('tsx/esm/api');
  register();
});
