import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { hashOf } from '../../../infra/hash.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { runTrials, sharedBars } from '../../search/rules/run-trials.ts';
import { tradeRule, type RuleParameters, type TradedRules } from '../../search/rules/rule-trial.ts';
import type { TradedOnly } from '../../search/rules/trials-on-thread.ts';
import { createRuleStrategy } from '../../../trading/strategies/rule-strategies.ts';
import type { BenchmarkResult } from '../benchmark-result.ts';
import { medianOf, type Now } from '../benchmark.ts';
import type { Peer } from '../peers.ts';
import { minuteBars } from '../peer-data.ts';

/** Fast windows 5 to 100 in steps of 5, slow ones 110 to 600 in steps of 10: 20 x 50. */
const FAST = Array.from({ length: 20 }, (_, at) => 5 * (at + 1));
const SLOW = Array.from({ length: 50 }, (_, at) => 110 + 10 * at);

/** Pairs that are run again by the strategy that is asked at every bar, as `backtest` runs it. */
const CHECKED = 5;

export interface SweepOptions {
  readonly now: Now;
  readonly bars?: number;
  readonly pairs?: number;
  readonly runs?: number;
  readonly threads?: readonly number[];
}

/**
 * Every pair of windows of a moving-average cross over the same bars, each a whole session of the engine to equity,
 * ledger and journal hash. Checks a sample of the pairs against the plain session, bar by bar.
 */
export async function benchSweep(options: SweepOptions): Promise<BenchmarkResult[]> {
  const { now, bars = 100_000, pairs = 1_000, runs = 5, threads = [1, availableParallelism()] } = options;
  const parameters = FAST.flatMap((fast) => SLOW.map((slow) => ({ fast, slow }))).slice(0, pairs);
  const rules = sweptRules(bars);
  const results: BenchmarkResult[] = [];
  for (const count of [...new Set(threads)]) {
    const seconds: number[] = [];
    let outcomes: TradedOnly[] = [];
    for (let run = 0; run <= runs; run++) {
      const started = now();
      outcomes = await sweep(rules, parameters, count);
      // The first run compiles.
      if (run > 0) seconds.push((now() - started) / 1000);
    }
    const median = medianOf(seconds);
    results.push({
      name: `sweep, ${count} ${count === 1 ? 'thread' : 'threads'}`,
      work: `SMA cross, ${parameters.length} pairs over ${bars} bars, all in, next open, 5 bps`,
      seconds: median,
      runs,
      rate: (bars * parameters.length) / median,
      unit: 'bars x pairs/s',
      checks: checksOf(rules, parameters, outcomes),
    });
  }
  return results;
}

function sweptRules(bars: number): TradedRules {
  return {
    bars: [sharedBars(minuteBars(bars))],
    calendar: 'none',
    sizing: { kind: 'all-in' },
    longShort: false,
    limits: NAMED_LIMITS.unbounded,
    costs: { feeBps: 5 },
    capital: 1e9,
  };
}

async function sweep(
  rules: TradedRules,
  parameters: readonly RuleParameters[],
  threads: number,
): Promise<TradedOnly[]> {
  const outcomes: TradedOnly[] = [];
  await runTrials<TradedOnly>(
    { searched: { kind: 'strategy', strategy: 'sma-cross', rules }, parameters, work: 'trade' },
    { threads, onTrial: ({ trial, outcome }) => (outcomes[trial] = outcome) },
  );
  return outcomes;
}

/** Figures of all pairs; throws where one differs from the session that is asked at every bar. */
function checksOf(
  rules: TradedRules,
  parameters: readonly RuleParameters[],
  outcomes: readonly TradedOnly[],
): BenchmarkResult['checks'] {
  const step = Math.max(1, Math.floor(parameters.length / CHECKED));
  for (let trial = 0; trial < parameters.length; trial += step) {
    const { journalHash, ledger } = tradeRule(rules, createRuleStrategy('sma-cross', parameters[trial]!));
    const found = outcomes[trial]!;
    if (journalHash !== found.journalHash || ledger.length !== found.trades) {
      throw new Error(`the sweep of ${JSON.stringify(parameters[trial])} is another session than the plain one`);
    }
  }
  const best = outcomes.reduce((at, one, trial) => (one.finalEquity > outcomes[at]!.finalEquity ? trial : at), 0);
  return {
    pairs: outcomes.length,
    trades: outcomes.reduce((sum, { trades }) => sum + trades, 0),
    best: parameters[best],
    bestEquity: outcomes[best]!.finalEquity,
    hashOfHashes: hashOf(outcomes.map(({ journalHash }) => journalHash)),
  };
}

const numberIn = (record: Readonly<Record<string, unknown>>, key: string): number =>
  typeof record[key] === 'number' ? record[key] : NaN;

/** vectorbt's broadcast of the same pairs by its faster engine, beside our line on all cores. */
export const SWEEP_PEERS: readonly Peer[] = [
  {
    script: fileURLToPath(new URL('./vectorbt-sweep.py', import.meta.url)),
    args: ['auto', '100'],
    module: 'vectorbt',
    requirements: 'requirements-main.txt',
    beside: -1,
    figures: (record, line) => {
      const seconds = numberIn(record, 'wall_warm_s');
      return seconds > 0 ? { seconds, rate: (line.rate * line.seconds) / seconds } : null;
    },
  },
];
