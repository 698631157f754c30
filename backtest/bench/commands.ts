import { closest } from 'fastest-levenshtein';
import { loadavg } from 'node:os';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { BenchContext, Benchmark, BenchmarkResult } from './benchmark.ts';

/** Registers `bench [names...]`. */
export function registerBenchCommand(program: Command): void {
  const bench = addCommand(program, 'bench [names...]', 'measure: the benchmarks named, or all of them');
  bench.addHelpText(
    'after',
    `
Peers: forest, boosting, explain and walk-forward have peers in Python. SIGNALBOX_PEERS names the python of an environment that
has their packages (requirements-main.txt beside their scripts, in the folder peer-bench beside SIGNALBOX_REFERENCE); each then runs on
the same data in the same run, and its line says how many times our seconds it took. They take minutes.`,
  );
  bindAction(bench, runBenchmarks);
}

async function runBenchmarks(context: CommandContext, _options: object, names = ''): Promise<CommandOutput> {
  const { BENCHMARKS } = await import('./benchmarks.ts');
  const wanted = names === '' ? BENCHMARKS.map(({ name }) => name) : names.split(',');
  const chosen = wanted.map((name) => {
    const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
    if (found !== undefined) return found;
    const known = BENCHMARKS.map((benchmark) => benchmark.name);
    throw new InputError(
      `There is no benchmark ${name}; did you mean ${closest(name, known)}?`,
      `Name some of: ${known.join(', ')}.`,
    );
  });
  const bench: BenchContext = {
    now: () => performance.now(),
    note: (text) => context.progress.note(text),
    database: () => context.database(),
  };
  const results: BenchmarkResult[] = [];
  for (const benchmark of chosen) {
    context.progress.note(`${benchmark.name}: ${benchmark.work}`);
    // Under load, figures of two threads mean nothing and all others little: say what the load was.
    const load = loadavg()[0]!;
    for (const result of await withPeers(benchmark, bench, context)) {
      results.push({ ...result, checks: { ...result.checks, loadAverage: Math.round(load * 100) / 100 } });
    }
  }
  return { value: results, text: () => tableOf(results) };
}

/** A benchmark's own lines and those of its peers; the first says why there are none. */
async function withPeers(
  benchmark: Benchmark,
  bench: BenchContext,
  context: CommandContext,
): Promise<readonly BenchmarkResult[]> {
  const ours = await benchmark.run(bench);
  if (benchmark.peers === undefined) return ours;
  const { peersMissing, runPeer } = await import('./peers.ts');
  const missing = peersMissing(context.config);
  if (missing !== null) {
    context.progress.note(`${benchmark.name}: peers ${missing}`);
    return ours.map((line, index) => (index === 0 ? { ...line, checks: { ...line.checks, peers: missing } } : line));
  }
  const lines = [...ours];
  for (const peer of benchmark.peers) {
    context.progress.note(`${benchmark.name}: peer ${peer.script} ${peer.args.join(' ')}`);
    lines.push(...(await runPeer(peer, ours, context.config)));
  }
  return lines;
}

function tableOf(results: readonly BenchmarkResult[]): string {
  const table = new Table({
    head: ['benchmark', 'work', 'seconds', 'runs', 'rate', 'unit'],
    style: { head: [], border: [] },
    colWidths: [28, 50, null, null, null, null] as number[],
    wordWrap: true,
  });
  for (const { name, work, seconds, runs, rate, unit } of results) {
    table.push([name, work, seconds.toPrecision(4), runs, Math.round(rate).toLocaleString('en'), unit]);
  }
  return table.toString();
}
