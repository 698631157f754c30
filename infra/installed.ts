import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of a program in the folders of `path` (Config.programPath), or null. */
function findProgram(name: string, path: string): string | null {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    if (existsSync(file) && isExecutable(file)) return file;
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return false;
    throw error;
  }
}

const PYTHONS = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
/** A Python that can make virtual environments (Debian ships ensurepip apart). */
const PYTHON_CHECK = 'import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.executable)';

/** A Python 3.10 or later that can make virtual environments, or null. */
export function findPython(path: string): string | null {
  for (const name of PYTHONS) {
    const program = findProgram(name, path);
    if (program === null) continue;
    const answer = spawnSync(program, ['-c', PYTHON_CHECK], { encoding: 'utf8', timeout: 60_000 });
    if (answer.status === 0) return answer.stdout.trim();
  }
  return null;
}

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** The system's Chromium or Chrome, or null. */
export function findChromium(path: string): string | null {
  for (const name of CHROMIUMS) {
    const program = findProgram(name, path);
    if (program !== null) return program;
  }
  return existsSync(MAC_CHROME) ? MAC_CHROME : null;
}

/** The system's Prometheus and its tool, or null. */
export function findPrometheus(path: string): { readonly prometheus: string; readonly promtool: string } | null {
  const [prometheus, promtool] = [findProgram('prometheus', path), findProgram('promtool', path)];
  return prometheus === null || promtool === null ? null : { prometheus, promtool };
}

/** The system's Alertmanager and its tool, or null. */
export function findAlertmanager(path: string): { readonly alertmanager: string; readonly amtool: string } | null {
  const alertmanager = findProgram('prometheus-alertmanager', path) ?? findProgram('alertmanager', path);
  const amtool = findProgram('amtool', path);
  return alertmanager === null || amtool === null ? null : { alertmanager, amtool };
}

/** The system's Redis server, or null. */
export function findRedisServer(path: string): string | null {
  return findProgram('redis-server', path) ?? findProgram('valkey-server', path);
}
