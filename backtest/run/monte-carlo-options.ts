import type { Command } from 'commander';
import { InputError } from '../../infra/errors.ts';
import { MONTE_CARLO, type MonteCarloSettings } from '../statistics/monte-carlo.ts';
import { parseNumber, parseWhole } from './number-options.ts';

/** Options of what is drawn beside a result. */
export interface MonteCarloOptions {
  readonly monteCarlo?: string;
  readonly ruin?: string;
  readonly perturb?: string;
  readonly perturbBps?: string;
}

const PATHS_MAX = 100_000;
const RUNS_MAX = 10_000;

/** Adds the options that say what else might have happened. */
export function addMonteCarloOptions(command: Command): void {
  const { samples, ruinAt, perturbedRuns, perturbBps } = MONTE_CARLO;
  command
    .option('--monte-carlo <N>', `paths drawn from trades and from blocks of daily returns (default: ${samples})`)
    .option('--ruin <SHARE>', `fall from the highest value that counts as ruin (default: ${ruinAt})`)
    .option('--perturb <N>', `further runs over bars whose prices are moved at random (default: ${perturbedRuns})`)
    .option('--perturb-bps <X>', `deviation of that move, basis points of each price (default: ${perturbBps})`);
}

/** What the options ask for; what they leave out stays as it is. Throws InputError naming the option. */
export function parseMonteCarlo(options: MonteCarloOptions): Partial<MonteCarloSettings> {
  const { monteCarlo, ruin, perturb, perturbBps } = options;
  if (perturbBps !== undefined && perturb === undefined) {
    throw new InputError(
      'Without --perturb nothing is moved, so --perturb-bps would do nothing.',
      'Add --perturb 100.',
    );
  }
  return {
    ...(monteCarlo === undefined ? {} : { samples: count(monteCarlo, '--monte-carlo', PATHS_MAX) }),
    ...(ruin === undefined ? {} : { ruinAt: share(ruin) }),
    ...(perturb === undefined ? {} : { perturbedRuns: count(perturb, '--perturb', RUNS_MAX) }),
    ...(perturbBps === undefined ? {} : { perturbBps: parseNumber(perturbBps, '--perturb-bps', 0) }),
  };
}

function count(text: string, option: string, most: number): number {
  const value = parseWhole(text, option);
  if (value >= 0 && value <= most) return value;
  throw new InputError(`${option} ${text} is not from 0 to ${most}.`, 'Correct the value.');
}

function share(text: string): number {
  const value = parseNumber(text, '--ruin');
  if (value > 0 && value <= 1) return value;
  throw new InputError(`--ruin ${text} is not above 0 and at most 1.`, 'Give a share: 0.5 is half of the account.');
}
