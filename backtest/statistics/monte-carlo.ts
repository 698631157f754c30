import type { Random } from '../../infra/random.ts';
import { quantile } from '../../models/scores/block-bootstrap.ts';
import { automaticBlockLength } from './bootstrap.ts';

/** Values below which 1, 5, 25, 50, 75, 95 and 99 % of the paths are. */
export interface Quantiles {
  readonly p01: number;
  readonly p05: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly p99: number;
}

/** What many paths of an account came to. Returns and drawdowns are fractions, drawdowns at or below 0. */
export interface PathOutcomes {
  readonly samples: number;
  /** Share of paths that ended below their start. */
  readonly lossProbability: number;
  /** Share of paths that at some time were below their highest value by the ruinous share. */
  readonly ruinProbability: number;
  readonly totalReturn: Quantiles;
  readonly maxDrawdown: Quantiles;
}

export interface MonteCarloOptions {
  readonly random: Random;
  /** Paths: 1,000 by default, fewer where each is very long. */
  readonly samples?: number;
  /** Fall below the highest value that counts as ruin, as a fraction: 0.5 by default. */
  readonly ruinAt?: number;
}

const MONTE_CARLO_SAMPLES = 1_000;
const RUIN_AT = 0.5;
/** What is drawn, and how often. */
export interface MonteCarloSettings {
  /** Paths over trades and over blocks of returns; 0 for none. */
  readonly samples: number;
  /** Fall below the highest value that counts as ruin, a fraction. */
  readonly ruinAt: number;
  /** Further runs of the engine over perturbed bars; 0 for none. */
  readonly perturbedRuns: number;
  /** Deviation by which each price is moved, basis points. */
  readonly perturbBps: number;
}

export const MONTE_CARLO: MonteCarloSettings = {
  samples: MONTE_CARLO_SAMPLES,
  ruinAt: RUIN_AT,
  perturbedRuns: 0,
  perturbBps: 10,
};

/** Steps of all paths together: about a second. */
const STEPS_MAX = 2e7;
const SAMPLES_MIN = 100;

/** Paths that are affordable at `steps` each. */
function affordable(samples: number, steps: number): number {
  return Math.min(samples, Math.max(SAMPLES_MIN, Math.floor(STEPS_MAX / Math.max(1, steps))));
}

/** How a path is drawn: fills `path` with returns, each a fraction of the account before it. */
type Draw = (path: Float64Array) => void;

function outcomesOf(
  length: number,
  draw: Draw,
  { samples = MONTE_CARLO_SAMPLES, ...options }: MonteCarloOptions,
): PathOutcomes {
  const count = affordable(samples, length);
  const path = new Float64Array(length);
  const totals = new Float64Array(count);
  const drawdowns = new Float64Array(count);
  for (let sample = 0; sample < count; sample++) {
    draw(path);
    const { total, depth } = compounded(path);
    totals[sample] = total;
    drawdowns[sample] = depth;
  }
  return pathOutcomes(totals, drawdowns, options.ruinAt);
}

/** An account that has lost everything stays there. */
function compounded(path: Float64Array): { total: number; depth: number } {
  let value = 1;
  let highest = 1;
  let depth = 0;
  for (let at = 0; at < path.length; at++) {
    value = Math.max(0, value * (1 + path[at]!));
    if (value > highest) highest = value;
    else depth = Math.min(depth, value / highest - 1);
  }
  return { total: value - 1, depth };
}

/** Summarises paths by their total returns and deepest drawdowns, one of each a path. */
export function pathOutcomes(totals: Float64Array, drawdowns: Float64Array, ruinAt = RUIN_AT): PathOutcomes {
  const share = (values: Float64Array, found: (value: number) => boolean): number =>
    values.reduce((count, value) => count + (found(value) ? 1 : 0), 0) / values.length;
  return {
    samples: totals.length,
    lossProbability: share(totals, (value) => value < 0),
    ruinProbability: share(drawdowns, (value) => value <= -ruinAt),
    totalReturn: quantilesOf(totals),
    maxDrawdown: quantilesOf(drawdowns),
  };
}

function quantilesOf(values: Float64Array): Quantiles {
  const sorted = values.toSorted();
  const at = (share: number): number => quantile(sorted, share);
  return { p01: at(0.01), p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95), p99: at(0.99) };
}

/**
 * The same trades in other orders: the end is the same, the way there is not. `returns` are what each trade made of the
 * account, one after the other as if none overlapped. Null without two trades.
 */
export function shuffledTrades(returns: Float64Array, options: MonteCarloOptions): PathOutcomes | null {
  if (returns.length < 2) return null;
  const { random } = options;
  const draw: Draw = (path) => {
    path.set(returns);
    for (let at = path.length - 1; at > 0; at--) {
      const other = random.integer(at + 1);
      const value = path[at]!;
      path[at] = path[other]!;
      path[other] = value;
    }
  };
  return outcomesOf(returns.length, draw, options);
}

/** As many trades drawn from the same ones with replacement: other luck of the same kind. Null without two trades. */
export function resampledTrades(returns: Float64Array, options: MonteCarloOptions): PathOutcomes | null {
  if (returns.length < 2) return null;
  const { random } = options;
  const draw: Draw = (path) => {
    for (let at = 0; at < path.length; at++) path[at] = returns[random.integer(path.length)]!;
  };
  return outcomesOf(returns.length, draw, options);
}

/** Outcomes of block resamples, with the mean length of their blocks in periods. */
export interface BlockOutcomes extends PathOutcomes {
  readonly blockLength: number;
}

/**
 * Period returns in blocks of random length (Politis and Romano 1994), so that what depends on the days before stays
 * together. Null without two returns.
 */
export function resampledBlocks(
  returns: Float64Array,
  { blockLength = automaticBlockLength(returns), ...options }: MonteCarloOptions & { readonly blockLength?: number },
): BlockOutcomes | null {
  const { length } = returns;
  if (length < 2) return null;
  const { random } = options;
  const draw: Draw = (path) => {
    let from = 0;
    for (let at = 0; at < length; at++) {
      from = at === 0 || random.next() * blockLength < 1 ? random.integer(length) : (from + 1) % length;
      path[at] = returns[from]!;
    }
  };
  return { ...outcomesOf(length, draw, options), blockLength };
}
