// Lets Node import TypeScript: in the main process, in its children (`--import`) and in worker threads.
//
// What is compiled is kept in `node_modules`, under the hash of its text: whoever can write there can change any
// package. A folder that is not ours alone is not used. Node starts the command line in 1.0 s of processor time this
// way; with tsx, which looks at the imports of packages as well, it took 2.4 s.
import { lstatSync, mkdirSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

const user = process.geteuid?.() ?? 'user';
const folder = fileURLToPath(new URL(`../../node_modules/.compiled-${user}`, import.meta.url));

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

// Errors name the lines that were written.
process.setSourceMapsEnabled(true);
register('./typescript-hooks.mjs', import.meta.url, { data: { folder: isOwnFolder() ? folder : null } });
