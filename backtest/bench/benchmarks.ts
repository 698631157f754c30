import type { Benchmark } from './benchmark.ts';
import type { BenchmarkResult } from './benchmark-result.ts';
import type { RepeatedNs } from './feature-bench.ts';
import { minuteBars } from './peer-data.ts';
import type { IngestBenchResult } from './store/ingest-bench.ts';

const FEATURE_REPEATS = 11;
const peakRssMb = (): number => process.resourceUsage().maxRSS / 1024;

/**
 * Every benchmark that `bench` knows, in the order it runs them. Each loads what it needs by itself: with the code of
 * all of them at hand every collection of garbage took twice as long.
 */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: 'backtest',
    work: 'SMA(10)/SMA(30) cross over 1,000,000 one-minute bars to equity curve, ledger and journal hash; with a bracket',
    peers: async () => (await import('./engine-bench.ts')).BACKTEST_PEERS,
    run: async ({ now }) => {
      const { benchBacktest, benchBracket } = await import('./engine-bench.ts');
      const bars = minuteBars();
      return [benchBacktest(bars, { now, runs: 9 }), benchBracket(bars, { now, runs: 9 })];
    },
  },
  {
    name: 'orders',
    work: '1,000,000 orders through risk, simulated broker, portfolio and in-memory journal with its hash',
    run: async ({ now }) => [(await import('./engine-bench.ts')).benchOrders(minuteBars(), { now })],
  },
  {
    name: 'risk',
    work: 'one risk decision with every limit on, 50 open positions',
    run: async ({ now }) => [(await import('./engine-bench.ts')).benchRisk({ now })],
  },
  {
    name: 'features',
    work: 'the ten indicators of the peers over 1,000,000 bars, batch and streaming',
    peers: async () => (await import('./feature-peers.ts')).FEATURE_PEERS,
    run: async ({ now }) => featureResults(now),
  },
  {
    name: 'forest',
    work: 'random forest, 80,000 x 40 and 400,000 x 60, 100 trees of depth 12, one and two threads',
    peers: async () => (await import('./estimator-peers.ts')).FOREST_PEERS,
    run: async ({ now }) => (await import('./estimator-bench.ts')).benchForest({ now, large: true, peakRssMb }),
  },
  {
    name: 'boosting',
    work: 'gradient boosting, 80,000 x 40 and 400,000 x 60, 100 rounds, one and two threads',
    peers: async () => (await import('./estimator-peers.ts')).BOOSTING_PEERS,
    run: async ({ now }) => (await import('./estimator-bench.ts')).benchBoosting({ now, large: true, peakRssMb }),
  },
  {
    name: 'explain',
    work: 'SHAP values of 1,000 rows on a forest of 100 trees of depth 12, one and two threads',
    peers: async () => (await import('./estimator-peers.ts')).EXPLAIN_PEERS,
    run: async ({ now }) => (await import('./estimator-bench.ts')).benchExplain({ now }),
  },
  {
    name: 'neural',
    work: 'dense network and LSTM of the peers, training and single predict, on each backend present',
    peers: async () => (await import('./estimator-peers.ts')).NEURAL_PEERS,
    run: async ({ now }) => (await import('./neural-bench.ts')).benchNeural({ now }),
  },
  {
    name: 'ingest',
    work: '1,000,000 bars into PostgreSQL, beside a bare binary COPY of the same rows',
    run: async ({ now, database }) => {
      const { benchIngest } = await import('./store/ingest-bench.ts');
      return ingestResults(await benchIngest(await database(), { bars: 1_000_000, runs: 3, now }));
    },
  },
  {
    name: 'panel',
    work: '14 features over 800 symbols x 3,300 days, from the store to a matrix, first and second time',
    run: async ({ now, database }) => (await import('./store/panel-bench.ts')).benchPanel(await database(), { now }),
  },
  {
    name: 'signal',
    work: 'bar in, signal out: the features and the ensemble of the default experiment',
    run: async ({ now }) => (await import('./signal-bench.ts')).benchSignal(now),
  },
  {
    name: 'walk-forward',
    work: '20 windows of 50 symbols with 20 features: forest of 100 trees of depth 8, one and two workers',
    peers: async () => (await import('./estimator-peers.ts')).WALK_FORWARD_PEERS,
    run: async ({ now }) => (await import('./walk-forward-bench.ts')).benchWalkForward({ now, runs: 3 }),
  },
  {
    name: 'sweep',
    work: '1,000 parameter pairs of a moving-average cross over 100,000 bars, on one thread and on all cores',
    peers: async () => (await import('./sweep/sweep-bench.ts')).SWEEP_PEERS,
    run: async ({ now }) => (await import('./sweep/sweep-bench.ts')).benchSweep({ now }),
  },
  {
    name: 'feed',
    work: '50 symbols, bars and quotes through each vendor’s client over a loopback socket: as fast as it can, and at 10,000 messages a second',
    run: async (context) => (await import('./feed-bench.ts')).benchFeed(context),
  },
  {
    name: 'session',
    work: 'a live session over 10,000 closes, its record in PostgreSQL: a cross, and an order at every bar',
    run: async (context) => (await import('./session/session-bench.ts')).benchSession(context),
  },
  {
    name: 'order-out',
    work: 'bar in, request of its order out to a venue, 50 symbols, decided and committed between',
    run: async (context) => (await import('./session/order-out-bench.ts')).benchOrderOut(context),
  },
  {
    name: 'tick',
    work: 'quote in, order out, 50 symbols; and 3,600,000 quotes that lead to nothing',
    run: async ({ now }) => (await import('./session/tick-bench.ts')).benchTick({ now, peakRssMb }),
  },
  {
    name: 'book',
    work: 'changes of an order book of 10,000 levels, kept in a copy of it',
    run: async ({ now }) => [(await import('./session/book-bench.ts')).benchBook({ now })],
  },
  {
    name: 'api',
    work: 'reads of the service beside bare node:http with the same token and question; and 10,000 requests a second',
    run: async (context) => (await import('./api/api-bench.ts')).benchApi(context),
  },
  {
    name: 'console',
    work: 'the console in Chromium over 200 sessions and 100,000 orders: first paint, screens, a fill until it is seen',
    run: async (context) => (await import('./console/console-bench.ts')).benchConsole(context),
  },
  {
    name: 'sockets',
    work: '200 sockets that are told of ten fills a second: processor time of the service',
    run: async (context) => (await import('./console/socket-bench.ts')).benchSockets(context),
  },
];

/** One line per indicator and way of computing it, and their sums. */
async function featureResults(now: () => number): Promise<BenchmarkResult[]> {
  const { benchFeatures } = await import('./feature-bench.ts');
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

function ingestResults(measured: IngestBenchResult): BenchmarkResult[] {
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
