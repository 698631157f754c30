import { nearestName } from '../../features/expressions/nearest-name.ts';
import { loadavg } from 'node:os';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { benchDatabase } from './store/bench-database.ts';
import type { BenchContext, Benchmark } from './benchmark.ts';
import type { BenchmarkResult } from './benchmark-result.ts';

/** Registers `bench [names...]`. */
export function registerBenchCommand(program: Command): void {
  const bench = addCommand(program, 'bench [names...]', 'measure: the benchmarks named, or all of them');
  bench.addHelpText(
    'after',
    `
Peers: forest, boosting, explain, neural and walk-forward have peers in Python. SIGNALBOX_PEERS names the python of an environment
that has their packages (requirements-main.txt beside their scripts, in the folder peer-bench beside SIGNALBOX_REFERENCE). Where
packages cannot be installed together, as those of neural (requirements-tf.txt), it names several, separated as in PATH: the first that has
what a peer needs runs it. Each runs on the same data in the same run; its line says how many times our seconds it took
(timesOurSeconds), ours how many times its seconds (timesPeerSeconds). They take minutes.`,
  );
  bindAction(bench, runBenchmarks);
}

async function runBenchmarks(context: CommandContext, _options: object, ...names: string[]): Promise<CommandOutput> {
  const { BENCHMARKS } = await import('./benchmarks.ts');
  const named = names.flatMap((name) => name.split(','));
  const wanted = named.length === 0 ? BENCHMARKS.map(({ name }) => name) : named;
  const chosen = wanted.map((name) => {
    const found = BENCHMARKS.find((benchmark) => benchmark.name === name);
    if (found !== undefined) return found;
    const known = BENCHMARKS.map((benchmark) => benchmark.name);
    throw new InputError(
      `There is no benchmark ${name}; did you mean ${nearestName(name, known, Infinity)}?`,
      `Name some of: ${known.join(', ')}.`,
    );
  });
  const own = benchDatabase(context);
  const bench: BenchContext = {
    now: () => performance.now(),
    note: (text) => context.progress.note(text),
    database: () => own.open(),
  };
  try {
    const results = await runAll(chosen, bench, context);
    return { value: results, text: () => tableOf(results) };
  } finally {
    await own.close();
  }
}

async function runAll(
  chosen: readonly Benchmark[],
  bench: BenchContext,
  context: CommandContext,
): Promise<BenchmarkResult[]> {
  const results: BenchmarkResult[] = [];
  for (const benchmark of chosen) {
    context.progress.note(`${benchmark.name}: ${benchmark.work}`);
    // Under load, figures of two threads mean nothing and all others little: say what the load was.
    const load = loadavg()[0]!;
    for (const result of await withPeers(benchmark, bench, context)) {
      results.push({ ...result, checks: { ...result.checks, loadAverage: Math.round(load * 100) / 100 } });
    }
  }
  return results;
}

/** A benchmark's own lines and those of its peers; the first says why there are none. */
async function withPeers(
  benchmark: Benchmark,
  bench: BenchContext,
  context: CommandContext,
): Promise<readonly BenchmarkResult[]> {
  const ours = await benchmark.run(bench);
  if (benchmark.peers === undefined) return ours;
  const { besidePeers } = await import('./peers.ts');
  const note = (text: string): void => context.progress.note(`${benchmark.name}: ${text}`);
  return besidePeers(ours, await benchmark.peers(), { config: context.config, note });
}

function tableOf(results: readonly BenchmarkResult[]): string {
  const table = new Table({
    head: ['benchmark', 'work', 'seconds', 'runs', 'rate', 'unit'],
    style: { head: [], border: [] },
    colWidths: [28, 50, null, null, null, null] as number[],
    wordWrap: true,
  });
  for (const { name, work, seconds, runs, rate, unit } of results) {
    const shown = rate < 100 ? rate.toPrecision(3) : Math.round(rate).toLocaleString('en');
    table.push([name, work, seconds.toPrecision(4), runs, shown, unit]);
  }
  return table.toString();
}
