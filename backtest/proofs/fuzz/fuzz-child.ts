import { rmSync, writeFileSync } from 'node:fs';
import { createRandom } from '../../../infra/random.ts';
import { FUZZ_FORMATS } from './fuzz-formats.ts';

/** One altered file to read: everything about it follows from format and seed. */
export interface FuzzRequest {
  readonly format: number;
  readonly seed: string;
  readonly folder: string;
}

/** How reading it ended. */
export interface FuzzAnswer {
  readonly outcome: 'read' | 'refused' | 'wrong';
  /** What was said. */
  readonly message: string;
  /** Computing or waiting, whichever is shorter: other processes do not count. */
  readonly seconds: number;
  /** The most this process has held so far. */
  readonly peakMb: number;
}

/** An error that a user can act on: of ours, with a message and an exit code. */
function isMessage(error: unknown): boolean {
  const { exitCode, message } = error as { exitCode?: unknown; message?: unknown };
  return typeof exitCode === 'number' && typeof message === 'string' && message !== '' && message.length < 10_000;
}

async function readOne({ format, seed, folder }: FuzzRequest): Promise<FuzzAnswer> {
  const { ending, alter, read } = FUZZ_FORMATS[format]!;
  const path = `${folder}/altered${ending}`;
  writeFileSync(path, await alter(createRandom(seed)));
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  let outcome: FuzzAnswer['outcome'] = 'read';
  let message = '';
  try {
    await read(path);
  } catch (error) {
    outcome = isMessage(error) ? 'refused' : 'wrong';
    message = outcome === 'refused' ? (error as Error).message : String((error as Error).stack ?? error);
  }
  const { user, system } = process.cpuUsage(cpu);
  const seconds = Math.min(performance.now() - startedMs, (user + system) / 1000) / 1000;
  rmSync(path);
  return { outcome, message: message.slice(0, 1_000), seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
}

// A child process of the proof: reads one file after the other.
process.on('message', (request: FuzzRequest) => {
  void readOne(request).then((answer) => process.send!(answer));
});
process.on('disconnect', () => process.exit());
