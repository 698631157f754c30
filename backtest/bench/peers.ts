import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../infra/config.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { BenchmarkResult } from './benchmark.ts';

/** A line that a peer's script prints: what was run, on which version, and its figures. */
const recordSchema = z.looseObject({ group: z.string(), name: z.string(), ver: z.string().optional() });

export type PeerRecord = z.infer<typeof recordSchema>;

/** A peer to run beside a benchmark, on the same data in the same run. */
export interface Peer {
  readonly script: string;
  readonly args: readonly string[];
  /** Which of our lines it stands beside. */
  readonly beside: number;
  /** Seconds and rate of a record in the unit of that line; null for a record that is no counterpart. */
  readonly figures: (record: PeerRecord) => { readonly seconds: number; readonly rate: number } | null;
}

/** What says where the peers are. */
export type PeerConfig = Pick<Config, 'peersPython' | 'referenceDir'>;

/** Why no peer runs; null where they do. */
export function peersMissing({ peersPython, referenceDir }: PeerConfig): string | null {
  if (peersPython === null) return 'not run: SIGNALBOX_PEERS names no python that has their packages';
  if (!existsSync(peersPython)) return `not run: there is no ${peersPython} (SIGNALBOX_PEERS)`;
  const folder = folderOf(referenceDir);
  return existsSync(folder) ? null : `not run: there is no folder ${folder} with their scripts`;
}

/** The peers' scripts lie beside the reference values. */
const folderOf = (referenceDir: string): string => join(referenceDir, '..', 'peer-bench');

/** Runs a peer and sets its records beside ours. Throws SignalboxError with the end of what it said when it fails. */
export async function runPeer(
  peer: Peer,
  ours: readonly BenchmarkResult[],
  config: PeerConfig,
): Promise<BenchmarkResult[]> {
  const line = ours[peer.beside]!;
  const folder = folderOf(config.referenceDir);
  const results = mkdtempSync(join(tmpdir(), 'signalbox-peers-'));
  try {
    // Where the scripts look for the data by default; they make it themselves.
    if (!existsSync(join(tmpdir(), 'peer-data', 'rf400k.f64'))) await runScript(config, folder, ['gen.py'], results);
    const printed = await runScript(config, folder, [peer.script, ...peer.args], results);
    return recordsOf(printed).flatMap((record) => {
      const figures = peer.figures(record);
      if (figures === null) return [];
      const { group, name, ver, ...checks } = record;
      const timesOurSeconds = figures.seconds / line.seconds;
      const work = `peer: ${name}${ver === undefined ? '' : ` ${ver}`}`;
      return [
        {
          name: line.name,
          work,
          ...figures,
          runs: runsOf(checks),
          unit: line.unit,
          checks: { ...checks, timesOurSeconds },
        },
      ];
    });
  } finally {
    rmSync(results, { recursive: true });
  }
}

const runsOf = ({ runs }: { runs?: unknown }): number => (Array.isArray(runs) ? runs.length : 1);

function recordsOf(printed: string): PeerRecord[] {
  return printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => recordSchema.parse(JSON.parse(line)));
}

/** Runs a script with its results folder turned away from the scripts' own; resolves with what it printed. */
function runScript(config: PeerConfig, cwd: string, args: readonly string[], results: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('env', [`PEER_RES=${results}`, config.peersPython!, ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(printed);
      else
        reject(
          new SignalboxError(
            `peer ${args.join(' ')} ended with code ${code}: ${said.trim().split('\n').at(-1) ?? ''}`,
            {
              remedy: "Install the packages of the peers' requirements-main.txt where SIGNALBOX_PEERS points.",
            },
          ),
        );
    });
  });
}
