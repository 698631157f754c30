import { execFileSync } from 'node:child_process';

/**
 * Sends `name` to process `pid` and all below it: SIGSTOP leaves a server there that answers nothing, SIGCONT lets it
 * go on.
 */
export function signalTree(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(pid, name);
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  for (const line of table.trim().split('\n')) {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    if (parent === pid) signalTree(child!, name);
  }
}
