import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RunningProcess } from '../testing/run-process.ts';

const SAMPLE_MS = 200;
const UNITS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, min: 60, h: 3600 };

const run = promisify(execFile);

/** Seconds of a duration as progress writes it: `850 ms`, `4.2 s`, `3 min 05 s`. */
function secondsOf(duration: string): number {
  let seconds = 0;
  for (const [, count, unit] of duration.matchAll(/([\d.]+) (ms|s|min|h)/g)) seconds += Number(count) * UNITS[unit!]!;
  return seconds;
}

/** Seconds of each finished stage, by the lines that progress wrote without a terminal. */
export function stageSeconds(stderr: string): Map<string, number> {
  const seconds = new Map<string, number>();
  let open: string[] = [];
  for (const line of stderr.split('\n')) {
    const ended = open.find((name) => line.startsWith(`${name}: `) && /\([\d.]+ (?:ms|s|min|h)[^()]*\)$/.test(line));
    if (ended === undefined) {
      if (/^[a-z][^:]*$/.test(line)) open.push(line);
      continue;
    }
    open = open.filter((name) => name !== ended);
    seconds.set(ended, secondsOf(line.slice(line.lastIndexOf('('))));
  }
  return seconds;
}

/** Resident memory of a process in MB; 0 once it has ended. */
async function residentMb(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' }));
  return Number(stdout.trim()) / 1024;
}

/** Largest resident memory of a process in MB, during each stage that it opens and over all. */
export async function stagePeaks({
  child,
  ended,
}: RunningProcess): Promise<{ stages: Map<string, number>; all: number }> {
  const stages = new Map<string, number>();
  let [stage, all, going] = ['start', 0, true];
  child.stderr!.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) if (/^[a-z][^:]*$/.test(line)) stage = line;
  });
  void ended.then(() => (going = false));
  while (going) {
    const megabytes = await residentMb(child.pid!);
    stages.set(stage, Math.max(stages.get(stage) ?? 0, megabytes));
    all = Math.max(all, megabytes);
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  return { stages, all };
}
