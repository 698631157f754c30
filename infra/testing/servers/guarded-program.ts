import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../patience.ts';

/** Starts a program that ends with this process, however that ends: its shell sees that the pipe closes. */
export function guardedProgram(program: string, flags: readonly string[]): { end(): Promise<void> } {
  const guard = '"$@" & server=$!; cat > /dev/null; kill -KILL "$server" 2> /dev/null; wait "$server" 2> /dev/null';
  const child = spawn('/bin/sh', ['-c', guard, 'sh', program, ...flags], { stdio: ['pipe', 'ignore', 'inherit'] });
  return {
    end: async () => {
      const ended = child.exitCode === null ? once(child, 'exit') : Promise.resolve();
      child.stdin.end();
      await ended;
    },
  };
}

/** Waits until a server of the Prometheus family says that it is ready. @throws an Error when it never does */
export async function untilReady(name: string, url: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isReady(url))) {
    if (performance.now() > deadline) throw new Error(`${name} did not become ready`);
    await sleep(50);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
}
