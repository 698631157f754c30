import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import type { CaseContext, CaseFigures, Proof } from './proof.ts';

const FIRST_ROWS = 1_000_000;
const GROWTH = 10;
/** 19 years of minutes; more rows are more symbols. */
const BARS_PER_SYMBOL_MAX = 10_000_000;
const FEATURES = 'return(1),rsi(14),ema(20)';
const SAMPLE_MS = 200;
/** Heap of the process: what grew with the rows, were it ten bytes each, would not fit. */
const HEAP_MB = 96;
/**
 * Peak of a case over that of the first. Buffers on their way to the server lie outside the heap until they are
 * collected (measured: 183 and 185 MB; 160 and 211 in an unbounded heap); a million bars and their features held at
 * once would be 80 MB.
 */
const PEAK_RATIO_MAX = 1.5;

const run = promisify(execFile);

/** Resident memory of a process in MB; 0 once it has ended. */
async function residentMb(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' }));
  return Number(stdout.trim()) / 1024;
}

async function peakOf({ child, ended }: RunningProcess): Promise<number> {
  let peakMb = 0;
  let going = true;
  void ended.then(() => (going = false));
  while (going) {
    peakMb = Math.max(peakMb, await residentMb(child.pid!));
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  return peakMb;
}

/**
 * One process of the command line that ingests and materialises simulated minutes into an empty embedded database: ten
 * times as many rows in each case. A case that is interrupted goes on with what is stored, and its peak is that of the
 * rest.
 */
async function runCase({ config, random, index }: CaseContext): Promise<CaseFigures> {
  const rows = FIRST_ROWS * GROWTH ** index;
  const symbols = Math.ceil(rows / BARS_PER_SYMBOL_MAX);
  const names = Array.from({ length: symbols }, (_, i) => `SIM${String(i + 1).padStart(3, '0')}`).join(',');
  const seed = 1 + random.integer(1_000_000);
  const home = join(config.dataDir, 'proofs', `materialize-${seed}`);
  const asked = ['--vendor', 'simulated', '--timeframe', '1m', '--calendar', 'crypto', '--symbol', names];
  const sized = ['--bars', String(rows / symbols), '--seed', String(seed), '--features', FEATURES, '--json'];
  const heap = `--max-old-space-size=${HEAP_MB}`;
  const env = { SIGNALBOX_HOME: home, DATABASE_URL: '', REDIS_URL: '', NODE_OPTIONS: heap };
  const startedMs = performance.now();
  const running = startSignalbox(['materialize', ...asked, ...sized], { PATH: config.programPath }, env);
  const [{ code, stdout, stderr }, peakMb] = await Promise.all([running.ended, peakOf(running)]);
  if (code !== 0) throw new Error(`materialize of ${rows} rows ended with ${code}:\n${stderr}`);
  const seconds = (performance.now() - startedMs) / 1000;
  const written = (JSON.parse(stdout) as { rows: number }).rows;
  const { stdout: used } = await run('du', ['-sk', home]);
  rmSync(home, { recursive: true, force: true });
  return {
    rows,
    complete: written === rows,
    peakMb: Math.round(peakMb),
    seconds: Math.round(seconds),
    diskMb: Math.round(Number.parseInt(used, 10) / 1024),
  };
}

/** Memory of the way from a source to feature rows. */
export const MEMORY_PROOF: Proof = {
  name: 'materialize',
  shows:
    'ingesting and materialising 10,000,000 minutes takes the memory that 1,000,000 take (each case: ten times as many)',
  count: 2,
  run: runCase,
  conclude: (cases) => {
    const peaks = cases.map(({ peakMb }) => Number(peakMb));
    const ratio = Math.max(...peaks) / peaks[0]!;
    const sized = cases.map(({ rows, peakMb, seconds, diskMb }) => {
      return [`${Number(rows)} rows`, `${peakMb} MB at most, ${seconds} s, ${diskMb} MB on disk`] as const;
    });
    return {
      holds: cases.every(({ complete }) => complete === true) && ratio <= PEAK_RATIO_MAX,
      figures: { cases: cases.length, peakRatio: ratio, ...Object.fromEntries(sized) },
    };
  },
};
