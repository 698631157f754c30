import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../../infra/config.ts';
import { SignalboxError } from '../../infra/errors.ts';
import type { BenchmarkResult } from './benchmark-result.ts';

/** A line that a peer's script prints: what was run, on which version, and its figures. */
const recordSchema = z.looseObject({ group: z.string(), name: z.string(), ver: z.string().optional() });

export type PeerRecord = z.infer<typeof recordSchema>;

/** A peer to run beside a benchmark, on the same data in the same run. */
export interface Peer {
  /** In the folder of the peers' scripts, or a whole path. */
  readonly script: string;
  readonly args: readonly string[];
  /** A module that it imports: of the pythons named, the first that has it runs it. */
  readonly module: string;
  /** The list of its packages, beside the scripts. */
  readonly requirements: string;
  /**
   * Which of our lines it stands beside: always the same one (-1 for the last), or those that are of its record's kind.
   */
  readonly beside: number | ((record: PeerRecord, line: BenchmarkResult) => boolean);
  /** Seconds and rate of a record in the unit of that line; null for a record that is no counterpart. */
  readonly figures: (
    record: PeerRecord,
    line: BenchmarkResult,
  ) => { readonly seconds: number; readonly rate: number } | null;
}

/** What says where the peers are. */
export type PeerConfig = Pick<Config, 'peersPythons' | 'referenceDir'>;

/** Why no peer runs; null where they do. */
export function peersMissing({ peersPythons, referenceDir }: PeerConfig): string | null {
  if (peersPythons.length === 0) return 'not run: SIGNALBOX_PEERS names no python that has their packages';
  const absent = peersPythons.find((python) => !existsSync(python));
  if (absent !== undefined) return `not run: there is no ${absent} (SIGNALBOX_PEERS)`;
  const folder = folderOf(referenceDir);
  return existsSync(folder) ? null : `not run: there is no folder ${folder} with their scripts`;
}

/** The peers' scripts lie beside the reference values. */
const folderOf = (referenceDir: string): string => join(referenceDir, '..', 'peer-bench');

/**
 * Our lines, each with how many times a peer's seconds it took, and after them those of the peers. Where a peer has no
 * python, our first line says so. Throws SignalboxError with the end of what a peer said when it fails.
 */
export async function besidePeers(
  ours: readonly BenchmarkResult[],
  peers: readonly Peer[],
  { config, note }: { config: PeerConfig; note: (text: string) => void },
): Promise<BenchmarkResult[]> {
  const missing = new Set<string>();
  const pairs: Pair[] = [];
  const nowhere = peersMissing(config);
  for (const peer of nowhere === null ? peers : []) {
    const python = await pythonWith(peer.module, config);
    if (python === null) {
      missing.add(`${peer.script} not run: no python of SIGNALBOX_PEERS has ${peer.module} (${peer.requirements})`);
      continue;
    }
    note(`peer ${peer.script} ${peer.args.join(' ')}`);
    pairs.push(...(await runPeer(peer, ours, { config, python })));
  }
  if (nowhere !== null) missing.add(nowhere);
  for (const text of missing) note(`peers ${text}`);
  const withRatios = ours.map((line, index) => {
    const times = pairs.filter((pair) => pair.ours === line).map((pair) => [pair.label, pair.timesPeerSeconds]);
    const timesPeerSeconds = times.length === 0 ? {} : { timesPeerSeconds: Object.fromEntries(times) };
    const left = index > 0 || missing.size === 0 ? {} : { peers: [...missing].join('; ') };
    return { ...line, checks: { ...line.checks, ...timesPeerSeconds, ...left } };
  });
  return [...withRatios, ...pairs.map(({ peer }) => peer)];
}

/** One of our lines and what a peer needed for the same. */
interface Pair {
  readonly ours: BenchmarkResult;
  readonly peer: BenchmarkResult;
  readonly label: string;
  readonly timesPeerSeconds: number;
}

/** The first python that has a module; it is looked up, not loaded. */
async function pythonWith(module: string, { peersPythons }: PeerConfig): Promise<string | null> {
  const code = 'import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)';
  for (const python of peersPythons) {
    const ended = await new Promise((resolve, reject) => {
      spawn(python, ['-c', code, module], { stdio: 'ignore' }).on('error', reject).on('close', resolve);
    });
    if (ended === 0) return python;
  }
  return null;
}

/** Runs a peer and sets its records beside ours. */
async function runPeer(
  peer: Peer,
  ours: readonly BenchmarkResult[],
  { config, python }: { config: PeerConfig; python: string },
): Promise<Pair[]> {
  const { beside } = peer;
  const place = {
    python,
    cwd: folderOf(config.referenceDir),
    results: mkdtempSync(join(tmpdir(), 'signalbox-peers-')),
  };
  try {
    // Where the scripts look for the data by default; they make it themselves.
    if (!existsSync(join(tmpdir(), 'peer-data', 'rf400k.f64'))) await runScript(peer, ['gen.py'], place);
    const printed = await runScript(peer, [peer.script, ...peer.args], place);
    return recordsOf(printed).flatMap((record) => {
      const lines = typeof beside === 'number' ? [ours.at(beside)!] : ours.filter((line) => beside(record, line));
      return lines.flatMap((line) => pairOf(peer, record, { line, several: lines.length > 1 }));
    });
  } finally {
    rmSync(place.results, { recursive: true });
  }
}

function pairOf(
  peer: Peer,
  record: PeerRecord,
  { line, several }: { line: BenchmarkResult; several: boolean },
): Pair[] {
  const figures = peer.figures(record, line);
  if (figures === null) return [];
  const { group: _group, name, ver, ...checks } = record;
  const label = `${name}${ver === undefined ? '' : ` ${ver}`}`;
  const timesOurSeconds = figures.seconds / line.seconds;
  const result = {
    name: line.name,
    work: `peer: ${label}${several ? ` beside ${line.work}` : ''}`,
    ...figures,
    runs: runsOf(checks),
    unit: line.unit,
    checks: { ...checks, timesOurSeconds },
  };
  return [{ ours: line, peer: result, label, timesPeerSeconds: 1 / timesOurSeconds }];
}

const runsOf = ({ runs }: { runs?: unknown }): number => (Array.isArray(runs) ? runs.length : 1);

function recordsOf(printed: string): PeerRecord[] {
  return printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => recordSchema.parse(JSON.parse(line)));
}

/** Runs a script with its results folder turned away from the scripts' own; resolves with what it printed. */
function runScript(
  { requirements }: Peer,
  args: readonly string[],
  { python, cwd, results }: { python: string; cwd: string; results: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('env', [`PEER_RES=${results}`, python, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
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
            { remedy: `Install the packages of the peers' ${requirements} for ${python} (SIGNALBOX_PEERS).` },
          ),
        );
    });
  });
}
