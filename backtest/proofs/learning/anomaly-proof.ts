import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../features/timeframe.ts';
import type { Random } from '../../../infra/random.ts';
import { LEAST_SCORE, type Anomaly, type AnomalyKind } from '../../../trading/anomalies/anomaly.ts';
import { fillAnomalies, type JudgedFill } from '../../../trading/anomalies/fill-anomalies.ts';
import { marketAnomalies } from '../../../trading/anomalies/market-anomalies.ts';
import { modelAnomalies, type JudgedPredictions } from '../../../trading/anomalies/model-anomalies.ts';
import { meanOf, type CaseFigures, type Proof } from '../proof.ts';

const ROWS = 4_000;
const START_MS = Date.UTC(2024, 0, 1);
/** Bars of a day of the series of 30 minutes, from 14:00. */
const DAY_BARS = 13;

/** What a series is made of: quiet, and with one thing planted in its last tenth. */
interface Made {
  readonly rows: number;
  readonly quiet: () => readonly Anomaly[];
  readonly planted: readonly { readonly kind: AnomalyKind; readonly found: () => readonly Anomaly[] }[];
}

/** Standard deviations of returns, row by row: what makes quiet series look loud. */
const VOLATILITIES: Readonly<Record<string, (random: Random) => (row: number) => number>> = {
  steady: () => () => 1,
  /** GARCH(1,1), alpha 0.05, beta 0.9. */
  clustered: (random) => {
    let [variance, last] = [1, 0];
    return () => {
      variance = 0.05 + 0.05 * last ** 2 + 0.9 * variance;
      last = Math.sqrt(variance) * random.normal();
      return Math.sqrt(variance);
    };
  },
  /** Within a day, three times as loud at the open as at noon. */
  'by the clock': () => (row) => 3 - 2 * Math.sin((Math.PI * (row % DAY_BARS)) / (DAY_BARS - 1)),
};

function madeUpBars(kind: string, random: Random): BarColumns {
  const bars = createBarColumns('MADE', ROWS);
  const volatility = VOLATILITIES[kind]!(random.fork('volatility'));
  const isDaily = kind !== 'by the clock';
  let price = 100;
  for (let row = 0; row < ROWS; row++) {
    const day = isDaily ? row : Math.floor(row / DAY_BARS);
    const openMs = START_MS + day * DAY_MS + (isDaily ? 0 : 14 * HOUR_MS + (row % DAY_BARS) * 30 * MINUTE_MS);
    const deviation = 0.01 * volatility(row);
    const close = price * Math.exp(deviation * random.normal());
    const reach = deviation * Math.exp(0.3 * random.normal());
    bars.openTimeMs[row] = openMs;
    bars.closeTimeMs[row] = openMs + (isDaily ? DAY_MS : 30 * MINUTE_MS);
    bars.open[row] = price;
    bars.close[row] = close;
    bars.high[row] = Math.max(price, close) * Math.exp(reach / 2);
    bars.low[row] = Math.min(price, close) * Math.exp(0 - reach / 2);
    bars.volume[row] = 1e6 * volatility(row) * Math.exp(0.4 * random.normal());
    price = close;
  }
  return bars;
}

/** The bars with something in row `at`. */
function withPlanted(kind: AnomalyKind, bars: BarColumns, at: number): BarColumns {
  const changed = { ...bars, open: bars.open.slice(), high: bars.high.slice(), low: bars.low.slice() };
  const planted = { ...changed, close: bars.close.slice(), volume: bars.volume.slice() };
  if (kind === 'volume') planted.volume[at]! *= 40;
  if (kind === 'range') planted.high[at]! *= 2.5;
  if (kind === 'stuck') planted.close.fill(planted.close[at]!, at, at + 12);
  if (kind === 'jump') {
    for (let row = at; row < ROWS; row++) {
      for (const field of ['open', 'high', 'low', 'close'] as const) {
        if (row > at || field === 'close' || field === 'high') planted[field][row]! *= 1.45;
      }
    }
  }
  return planted;
}

function market(kind: string, random: Random): Made {
  const bars = madeUpBars(kind, random);
  const at = ROWS - 100 - random.integer(200);
  return {
    rows: ROWS,
    quiet: () => marketAnomalies(bars, LEAST_SCORE),
    planted: (['volume', 'range', 'stuck', 'jump'] as const).map((one) => ({
      kind: one,
      found: () => marketAnomalies(withPlanted(one, bars, at), LEAST_SCORE),
    })),
  };
}

function fills(random: Random): Made {
  const made = Array.from({ length: ROWS }, (_, at): JudgedFill => {
    const decisionPrice = 100 * Math.exp(random.normal());
    const side = random.next() < 0.5 ? 1 : -1;
    return {
      ...{
        timeMs: START_MS + at * HOUR_MS,
        symbol: 'MADE',
        orderType: 'market',
        quantity: side * (1 + random.integer(100)),
        decisionPrice,
      },
      price: decisionPrice * (1 + (side * (2 + 3 * random.normal())) / 1e4),
      slippage: 0,
      delayMs: 80 + 15 * random.normal(),
    };
  });
  const last = made.at(-1)!;
  const changed = (one: Partial<JudgedFill>) => () =>
    fillAnomalies([...made.slice(0, -1), { ...last, ...one }], LEAST_SCORE);
  return {
    rows: ROWS,
    quiet: () => fillAnomalies(made, LEAST_SCORE),
    planted: [
      { kind: 'distance', found: changed({ price: last.decisionPrice! * (1 + Math.sign(last.quantity) * 0.004) }) },
      { kind: 'delay', found: changed({ delayMs: 900 }) },
    ],
  };
}

/** Probabilities that follow on each other, and the rows of the last blocks moved by so much. */
function predictions(random: Random): Made {
  let state = 0;
  const probability = Float64Array.from({ length: ROWS }, () => {
    state = 0.8 * state + 0.6 * random.normal();
    return 0.5 + 0.04 * state;
  });
  const novelty = Float64Array.from({ length: ROWS }, () => random.next());
  const decisionTimeMs = Float64Array.from({ length: ROWS }, (_, row) => START_MS + row * HOUR_MS);
  const said = (changed: Partial<JudgedPredictions>) => () =>
    modelAnomalies({ length: ROWS, decisionTimeMs, probability, novelty, ...changed }, LEAST_SCORE);
  const moved = (values: Float64Array, to: (value: number) => number): Float64Array =>
    values.map((value, row) => (row < ROWS - 40 ? value : to(value)));
  return {
    rows: ROWS,
    quiet: said({}),
    planted: [
      { kind: 'probability', found: said({ probability: moved(probability, (value) => value + 0.25) }) },
      {
        kind: 'confidence',
        found: said({ probability: moved(probability, (value) => value + (value > 0.5 ? 0.25 : -0.25)) }),
      },
      { kind: 'unlike', found: said({ novelty: moved(novelty, () => 0.999) }) },
    ],
  };
}

/** Kinds of made-up series, in the order of the cases. */
export const QUIET_KINDS: Readonly<Record<string, (random: Random) => Made>> = {
  ...Object.fromEntries(Object.keys(VOLATILITIES).map((kind) => [kind, (random: Random) => market(kind, random)])),
  fills,
  predictions,
};

/** False alarms in 10,000 rows, at the most, and the share of what is planted that is found, at the least. */
const FALSE_MAX = 1;
const FOUND_MIN = 0.95;

/** That quiet series raise next to no alarm, and what is planted does. */
export const ANOMALY_PROOF: Proof = {
  name: 'anomalies',
  shows:
    'quiet markets (steady, clustered, loud at the open), fills and predictions raise at most one false alarm in ' +
    '10,000 rows, and 95 % of what is planted is found',
  count: 200,
  run: async ({ random, index }) => {
    const names = Object.keys(QUIET_KINDS);
    const kind = names[index % names.length]!;
    const { rows, quiet, planted } = QUIET_KINDS[kind]!(random);
    const found = planted.filter((one) => one.found().some((anomaly) => anomaly.kind === one.kind)).length;
    return { kind, rows, falseAlarms: quiet().length, planted: planted.length, found };
  },
  conclude: (cases) => {
    const rates = Object.keys(QUIET_KINDS).flatMap((kind): [string, number, number][] => {
      const own = cases.filter((one) => one['kind'] === kind);
      if (own.length === 0) return [];
      const falseRate = (10_000 * meanOf(own, 'falseAlarms')) / meanOf(own, 'rows');
      return [[kind, falseRate, meanOf(own, 'found') / meanOf(own, 'planted')]];
    });
    const figures: CaseFigures = {
      series: cases.length,
      rows: cases.reduce((sum, one) => sum + Number(one['rows']), 0),
      falseAlarms: cases.reduce((sum, one) => sum + Number(one['falseAlarms']), 0),
      ...Object.fromEntries(rates.map(([kind, rate]) => [`${kind}, false in 10,000`, rate])),
      ...Object.fromEntries(rates.map(([kind, , share]) => [`${kind}, found`, share])),
    };
    return { holds: rates.every(([, rate, share]) => rate <= FALSE_MAX && share >= FOUND_MIN), figures };
  },
};
