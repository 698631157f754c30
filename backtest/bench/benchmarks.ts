import { benchFeatures, type RepeatedNs } from './feature-bench.ts';
import { benchBoosting, benchExplain, benchForest } from './estimator-bench.ts';
import { benchNeural } from './neural-bench.ts';
import { benchIngest } from './store/ingest-bench.ts';
import { BACKTEST_PEERS, benchBacktest, benchBracket, benchOrders, benchRisk } from './engine-bench.ts';
import type { Benchmark } from './benchmark.ts';
import type { BenchmarkResult } from './benchmark-result.ts';
import { BOOSTING_PEERS, EXPLAIN_PEERS, FOREST_PEERS, NEURAL_PEERS, WALK_FORWARD_PEERS } from './estimator-peers.ts';
import { FEATURE_PEERS } from './feature-peers.ts';
import { FEED_BENCHMARK } from './feed-bench.ts';
import { benchPanel } from './store/panel-bench.ts';
import { minuteBars } from './peer-data.ts';
import { SESSION_BENCHMARK } from './session/session-bench.ts';
import { benchTick } from './session/tick-bench.ts';
import { benchSignal } from './signal-bench.ts';
import { benchSweep, SWEEP_PEERS } from './sweep/sweep-bench.ts';
import { benchWalkForward } from './walk-forward-bench.ts';

const FEATURE_REPEATS = 11;
const peakRssMb = (): number => process.resourceUsage().maxRSS / 1024;

/** Every benchmark that `bench` knows, in the order it runs them. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'backtest',
    work: 'SMA(10)/SMA(30) cross over 1,000,000 one-minute bars to equity curve, ledger and journal hash; with a bracket',
    peers: BACKTEST_PEERS,
    run: async ({ now }) => {
      const bars = minuteBars();
      return [benchBacktest(bars, { now, runs: 9 }), benchBracket(bars, { now, runs: 9 })];
    },
  },
  {
    name: 'orders',
    work: '1,000,000 orders through risk, simulated broker, portfolio and in-memory journal with its hash',
    run: async ({ now }) => [benchOrders(minuteBars(), { now })],
  },
  {
    name: 'risk',
    work: 'one risk decision with every limit on, 50 open positions',
    run: async ({ now }) => [benchRisk({ now })],
  },
  {
    name: 'features',
    work: 'the ten indicators of the peers over 1,000,000 bars, batch and streaming',
    peers: FEATURE_PEERS,
    run: async ({ now }) => featureResults(now),
  },
  {
    name: 'forest',
    work: 'random forest, 80,000 x 40 and 400,000 x 60, 100 trees of depth 12, one and two threads',
    peers: FOREST_PEERS,
    run: ({ now }) => benchForest({ now, large: true, peakRssMb }),
  },
  {
    name: 'boosting',
    work: 'gradient boosting, 80,000 x 40 and 400,000 x 60, 100 rounds, one and two threads',
    peers: BOOSTING_PEERS,
    run: ({ now }) => benchBoosting({ now, large: true, peakRssMb }),
  },
  {
    name: 'explain',
    work: 'SHAP values of 1,000 rows on a forest of 100 trees of depth 12, one and two threads',
    peers: EXPLAIN_PEERS,
    run: ({ now }) => benchExplain({ now }),
  },
  {
    name: 'neural',
    work: 'dense network and LSTM of the peers, training and single predict, on each backend present',
    peers: NEURAL_PEERS,
    run: ({ now }) => benchNeural({ now }),
  },
  {
    name: 'ingest',
    work: '1,000,000 bars into PostgreSQL, beside a bare binary COPY of the same rows',
    run: async ({ now, database }) =>
      ingestResults(await benchIngest(await database(), { bars: 1_000_000, runs: 3, now })),
  },
  {
    name: 'panel',
    work: '14 features over 800 symbols x 3,300 days, from the store to a matrix, first and second time',
    run: async ({ now, database }) => benchPanel(await database(), { now }),
  },
  {
    name: 'signal',
    work: 'bar in, signal out: the features and the ensemble of the default experiment',
    run: ({ now }) => benchSignal(now),
  },
  {
    name: 'walk-forward',
    work: '20 windows of 50 symbols with 20 features: forest of 100 trees of depth 8, one and two workers',
    peers: WALK_FORWARD_PEERS,
    run: ({ now }) => benchWalkForward({ now, runs: 3 }),
  },
  {
    name: 'sweep',
    work: '1,000 parameter pairs of a moving-average cross over 100,000 bars, on one thread and on all cores',
    peers: SWEEP_PEERS,
    run: ({ now }) => benchSweep({ now }),
  },
  FEED_BENCHMARK,
  SESSION_BENCHMARK,
  {
    name: 'tick',
    work: 'quote in, order out, 50 symbols; and 3,600,000 quotes that lead to nothing',
    run: async ({ now }) => benchTick({ now, peakRssMb }),
  },
];

/** One line per indicator and way of computing it, and their sums. */
function featureResults(now: () => number): BenchmarkResult[] {
  const bars = minuteBars();
  const { timings, lookOver, set } = benchFeatures(bars, now, FEATURE_REPEATS);
  const line = (name: string, times: readonly RepeatedNs[], checks: BenchmarkResult['checks']): BenchmarkResult => {
    const [median, fastest] = [sum(times.map((one) => one.median)), sum(times.map((one) => one.fastest))];
    return {
      name: `features ${name}`,
      work: `${bars.length} bars`,
      seconds: (median * bars.length) / 1e9,
      runs: FEATURE_REPEATS,
      rate: median,
      unit: 'ns/bar',
      checks: { fastestNs: fastest, ...checks },
    };
  };
  return [
    ...timings.flatMap(({ expression, batch, stream, last, identical }) => [
      line(`${expression} batch`, [batch], { last, identical }),
      line(`${expression} streaming`, [stream], { last, identical }),
    ]),
    // What all of them share is part of the sum.
    line('batch, sum of ten', [lookOver, ...timings.map(({ batch }) => batch)], { lookOverNs: lookOver.median }),
    line(
      'streaming, sum of ten',
      timings.map(({ stream }) => stream),
      {},
    ),
    line('of the ten as one set, bar by bar', [set], {}),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function ingestResults(measured: Awaited<ReturnType<typeof benchIngest>>): BenchmarkResult[] {
  const { bars, ingestSeconds, copySeconds, ratio, ...checks } = measured;
  const line = (name: string, work: string, seconds: number): BenchmarkResult => ({
    name,
    work,
    seconds,
    runs: 3,
    rate: bars / seconds,
    unit: 'rows/s',
    checks: { ...checks, shareOfBareCopy: ratio },
  });
  return [
    line('ingest', 'ingest with every check on', ingestSeconds),
    line('ingest, bare COPY', 'the same rows by binary COPY alone', copySeconds),
  ];
}
