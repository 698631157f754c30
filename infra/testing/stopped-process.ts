import { execFileSync } from 'node:child_process';
import { codeOf } from '../postgres/database-error.ts';

/**
 * Sends `name` to process `pid` and all below it: SIGSTOP leaves a server there that answers nothing, SIGCONT lets it
 * go on.
 */
export function signalTree(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(pid, name);
  signalChildren(pid, name);
}

function signalChildren(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  for (const line of table.trim().split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (parent !== pid) continue;
    try {
      signalTree(child!, name);
    } catch (error) {
      // A server's helper (an autovacuum worker) may have ended since the table was read.
      if (codeOf(error) !== 'ESRCH') throw error;
    }
  }
}
