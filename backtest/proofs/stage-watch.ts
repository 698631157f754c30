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

/** Seconds of processor time as `ps` writes it: `[days-]hours:minutes:seconds`, or `minutes:seconds.hundredths`. */
export function processorSeconds(time: string): number {
  const [clock = '', days = '0'] = time.trim().split('-').reverse();
  return 86_400 * Number(days) + clock.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
}

/** What a process holds and has used: resident memory in MB, processor time of all its threads in seconds. */
interface Usage {
  readonly megabytes: number;
  readonly processorSeconds: number;
}

/** Null once the process has ended. */
async function usageOf(pid: number): Promise<Usage | null> {
  const { stdout } = await run('ps', ['-o', 'rss=,time=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const [memory, time] = stdout.trim().split(/\s+/);
  if (memory === undefined || time === undefined) return null;
  return { megabytes: Number(memory) / 1024, processorSeconds: processorSeconds(time) };
}

/** What a process held and used during each stage that it opened, and over all. */
export interface StageUsage {
  /** Largest resident memory in MB. */
  peakMb: number;
  /** Processor time of the process in seconds; its database has its own. */
  processorSeconds: number;
}

/** Watches a process by its stages until it ends. A stage inside another one takes over from it. */
export async function watchStages({
  child,
  ended,
}: RunningProcess): Promise<{ stages: Map<string, StageUsage>; all: StageUsage }> {
  const stages = new Map<string, StageUsage>();
  const all: StageUsage = { peakMb: 0, processorSeconds: 0 };
  let [stage, going] = ['start', true];
  child.stderr!.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) if (/^[a-z][^:]*$/.test(line)) stage = line;
  });
  void ended.then(() => (going = false));
  while (going) {
    const usage = await usageOf(child.pid!);
    if (usage !== null) {
      const own = stages.get(stage) ?? { peakMb: 0, processorSeconds: 0 };
      stages.set(stage, own);
      const used = usage.processorSeconds - all.processorSeconds;
      for (const one of [own, all]) {
        one.peakMb = Math.max(one.peakMb, usage.megabytes);
        one.processorSeconds += used;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  return { stages, all };
}
