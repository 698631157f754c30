import type { CalendarName } from '../../../pipelines/calendars/calendar.ts';
import { DIALECT_OPTIONS, type DialectOptions } from '../../../pipelines/dialects/file-dialect.ts';
import type { Timeframe } from '../../../features/timeframe.ts';

/** What a new experiment is about. */
export interface ExperimentSubject {
  readonly name: string;
  readonly universe: readonly string[];
  /** File of bars; null for the sample that comes along. */
  readonly path: string | null;
  readonly timeframe: Timeframe;
  readonly calendar: CalendarName;
  /** What is said of the file that it does not say itself. */
  readonly dialect: DialectOptions;
  /** Bars of the shortest series. */
  readonly bars: number;
  /** First and last time of the bars, in words. */
  readonly span: string;
}

/** Letters that a value may have without quotes, and words that YAML takes for something else. */
const PLAIN = /^[A-Za-z][A-Za-z0-9.]*$/;
const OTHER = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** Fewer bars teach an ensemble nothing. */
const BARS_MIN = 500;
const TRAIN_SHARE = 0.5;
const TEST_SHARE = 0.1;

/** A value as YAML reads it back. */
function scalar(value: string): string {
  return PLAIN.test(value) && !OTHER.test(value) ? value : JSON.stringify(value);
}

/** That share of the bars, with two digits, at least one. */
function share(bars: number, of: number): number {
  const wanted = Math.max(1, Math.floor(bars * of));
  const step = 10 ** Math.max(0, Math.floor(Math.log10(wanted)) - 1);
  return Math.floor(wanted / step) * step;
}

function dataText({ path, timeframe, calendar, dialect, span, bars }: ExperimentSubject): string {
  const said = DIALECT_OPTIONS.flatMap((key) => {
    const value = dialect[key];
    return typeof value === 'string' ? [`  ${key}: ${JSON.stringify(value)}`] : [];
  });
  return [
    `# ${bars} bars ${path === null ? 'of the sample' : 'a symbol at least'}, ${span}.`,
    'data:',
    ...(path === null ? ['  source: sample'] : ['  source: csv', `  path: ${JSON.stringify(path)}`]),
    `  timeframe: ${timeframe}`,
    `  calendar: ${calendar}                # us-equities (-extended: 4:00 to 20:00, -overnight), crypto or none`,
    ...said,
    '  # from: 2015-01-01                # first and last trading day, both included',
    '  # to: 2024-12-31',
  ].join('\n');
}

/** A commented experiment that trains, backtests, optimises and trades on paper as it stands. */
export function experimentText(subject: ExperimentSubject): string {
  const { name, universe, bars } = subject;
  const few =
    bars < BARS_MIN
      ? [`# ${bars} bars teach an ensemble little: see \`strategies\` at the end for rules instead.`]
      : [];
  return `# Units: fractions are of equity, bps of the price, times in UTC. signalbox experiments show FILE has every key.
#   signalbox run FILE          bars in, features, training, walk-forward, report
#   signalbox backtest FILE     what was trained, traded over its out-of-sample predictions
#   signalbox optimize FILE     a search whose every trial is counted (add a section \`search\`)
#   signalbox paper FILE        the same engine, with money that is not real
name: ${name}
description: ""
universe: [${universe.map(scalar).join(', ')}]
${dataText(subject)}

# Columns that the model learns from. signalbox features --list has all; a set goes by its name, such as core.
features:
  - return(1)
  - return(5)
  - rsi(14)
  - zscore(close,20)
  - stdev(20)

# What it learns: whether the price is higher after so many bars.
labels:
  kind: forward-return              # forward-return, triple-barrier or trend-scan
  horizonBars: 1
  weights: uniqueness               # none, uniqueness or uniqueness-and-decay

# Trained on a window, tested on the bars after it, again and again. Bars that a label spans are purged.
splits:
  kind: walk-forward                # walk-forward, purged-k-fold or combinatorial
  trainBars: ${share(bars, TRAIN_SHARE)}
  testBars: ${share(bars, TEST_SHARE)}
  window: expanding                 # expanding or sliding
  embargoBars: ${Math.min(5, share(bars, TEST_SHARE))}

${[...few, 'estimators:'].join('\n')}
  - { name: linear, kind: logistic-regression }
  - { name: forest, kind: random-forest, trees: 100, maxDepth: 4, minLeafRows: 50 }
ensemble:
  kind: weighted                    # weighted, stacked or regime
  calibration: sigmoid              # none, sigmoid or isotonic

# Probabilities of up: above the first it buys, below the second it sells, between them it keeps what it holds.
signals:
  buyAbove: 0.52
  sellBelow: 0.48
  longShort: false                  # SELL may open a short position

sizing:
  kind: fraction-of-equity          # also volatility-target, kelly-capped, equal-weight, risk-per-trade
  fraction: 0.1
limits: standard                    # 10 % a position, 5 % a day's loss, 15 % drawdown; or the limits themselves

# What trading costs. A decision at a close is filled in the next bar.
costs:
  feeBps: 1                         # commission: { makerBps: -1, takerBps: 5 } and more where a venue is not so plain
  halfSpreadBps: 1
  slippage: { kind: fixed, bps: 1 } # fixed, volatility, square-root or volume-share
  fill: next-open                   # next-open or next-close

# Orders that rest for each position and end it by themselves.
# protection: { stopLoss: { percent: 0.05 }, takeProfit: null, trailing: null }

# Rules, or a file of your own, in place of features to signals:
# strategies:
#   - { name: trend, kind: sma-cross, parameters: { fast: 10, slow: 30 } }
#   - { name: mine, file: ./mine.ts }

capital: 100000
seed: 7
`;
}
