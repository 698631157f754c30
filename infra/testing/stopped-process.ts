import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { codeOf } from '../postgres/database-error.ts';
import { parentOf } from '../postgres/embedded/running-process.ts';

/**
 * Sends `name` to process `pid` and all below it: SIGSTOP leaves a server there that answers nothing, SIGCONT lets it
 * go on.
 */
export function signalTree(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(pid, name);
  signalChildren(pid, name);
}

function signalChildren(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const [child, parent] of processes()) {
    if (parent !== pid) continue;
    try {
      signalTree(child, name);
    } catch (error) {
      // A server's helper (an autovacuum worker) may have ended since the table was read.
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}

/** Every process with its parent. Linux tells by itself: a machine with only Node may have no `ps`. */
function processes(): (readonly [pid: number, parent: number])[] {
  if (existsSync('/proc/self/stat')) {
    const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
    return pids.flatMap((pid) => {
      const parent = parentOf(pid);
      return parent === null ? [] : [[pid, parent] as const];
    });
  }
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table.trim().split('\n');
  return rows.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
}
