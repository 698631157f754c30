import { createRandom } from '../../../infra/random.ts';
import { superiorAbility, type SuperiorAbility } from '../../statistics/superior-ability.ts';
import { correlation } from '../../statistics/relative.ts';
import { simpleReturns } from '../../statistics/daily-returns.ts';
import type { ComparedRun } from './compared-run.ts';

/** Runs side by side: what they did on the days that all of them have. */
export interface Comparison {
  readonly runs: readonly ComparedRun[];
  /** Days whose return every run has, the first and the last of them. */
  readonly sharedDays: number;
  readonly from: string | null;
  readonly to: string | null;
  /** Total return of each run over the shared days. */
  readonly sharedReturns: readonly (number | null)[];
  /** Correlation of the daily returns of each pair; null where one does not vary. */
  readonly correlations: readonly (readonly (number | null)[])[];
  /** Whether the best of the others beats the first run by more than luck; null with fewer than 20 shared days. */
  readonly superiorAbility: (SuperiorAbility & { readonly bestRun: string }) | null;
  readonly reasons: readonly string[];
}

const SEED = 7;

/** Compares runs by their daily returns on shared UTC days; the first is what the others are held against. */
export function compareRuns(runs: readonly ComparedRun[]): Comparison {
  const daily = runs.map(({ result }) => closesOf(result.equity));
  const days = [...daily[0]!.keys()].filter((day) => daily.every((closes) => closes.has(day)));
  const columns = daily.map((closes) => simpleReturns(days.map((day) => closes.get(day)!)));
  const shared = columns[0]!.length;
  const excess = columns.slice(1).map((column) => column.map((value, at) => value - columns[0]![at]!));
  const found = superiorAbility(excess, { random: createRandom(SEED).fork('comparison') });
  return {
    runs,
    sharedDays: shared,
    from: days[0] ?? null,
    to: days.at(-1) ?? null,
    sharedReturns: daily.map((closes) => (shared === 0 ? null : closes.get(days.at(-1)!)! / closes.get(days[0]!)! - 1)),
    correlations: columns.map((column) => columns.map((other) => correlation(column, other))),
    superiorAbility: found === null ? null : { ...found, bestRun: runs[found.best + 1]!.name },
    reasons: reasonsOf(runs, shared, found),
  };
}

/** Equity at the last mark of each UTC day. */
function closesOf(equity: ComparedRun['result']['equity']): Map<string, number> {
  return new Map(equity.map(([time, value]) => [time.slice(0, 10), value]));
}

function reasonsOf(runs: readonly ComparedRun[], shared: number, found: SuperiorAbility | null): string[] {
  const reasons: string[] = [];
  if (shared === 0) reasons.push('sharedReturns, from and to: the runs have no two days in common.');
  if (found === null) {
    reasons.push(`superiorAbility and correlations: ${shared} shared daily returns that differ; 20 are the least.`);
  }
  const spans = new Set(runs.map(({ result }) => `${result.from.slice(0, 10)} to ${result.to.slice(0, 10)}`));
  if (spans.size > 1) reasons.push('The runs cover different days: figures of each are over its own.');
  return reasons;
}
