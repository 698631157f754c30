import type { Random } from '../../infra/random.ts';
import { superiorAbility } from '../statistics/superior-ability.ts';
import type { CaseFigures, Proof } from './proof.ts';

const TRIALS = 20;
const DAYS = 500;
/** Daily returns depend on the day before, and trials on each other, as those of one search do. */
const PERSISTENCE = 0.05;
const SHARED = 0.5;
const P_VALUES = ['realityCheck', 'lower', 'consistent', 'upper'] as const;

/** Worthless trials: their returns in excess of the benchmark have mean 0. */
function worthless(random: Random): Float64Array[] {
  const shared = Float64Array.from({ length: DAYS }, () => random.normal());
  return Array.from({ length: TRIALS }, () => {
    let last = 0;
    return shared.map((common) => {
      const noise = SHARED * common + Math.sqrt(1 - SHARED * SHARED) * random.normal();
      return (last = PERSISTENCE * last + 0.01 * noise);
    });
  });
}

/** The largest distance between the shares of `values` and those of a uniform distribution (Kolmogorov-Smirnov). */
function distanceFromUniform(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce(
    (most, value, at) => Math.max(most, (at + 1) / sorted.length - value, value - at / sorted.length),
    0,
  );
}

const columnOf = (cases: readonly CaseFigures[], name: string): number[] =>
  cases.map((figures) => Number(figures[name]));

/** Proofs about the tests that results are judged by. */
export const STATISTICS_PROOFS: readonly Proof[] = [
  {
    name: 'reality-check',
    shows: 'p-values of the reality check and of superior ability are uniform where 20 trials are worthless',
    count: 1_000,
    run: async ({ random }) => {
      const found = superiorAbility(worthless(random.fork('trials')), { random, samples: 500 })!;
      return Object.fromEntries(P_VALUES.map((name) => [name, found[name]]));
    },
    conclude: (cases) => {
      const figures = Object.fromEntries(
        (['realityCheck', 'consistent', 'upper'] as const).flatMap((name) => {
          const values = columnOf(cases, name);
          const small = values.filter((value) => value <= 0.05).length / values.length;
          return [
            [`${name}Distance`, distanceFromUniform(values)],
            [`${name}Below5Percent`, small],
          ];
        }),
      );
      // The bound of a uniform sample at 1 %, and what 500 days of dependent returns add to it.
      const bound = 1.63 / Math.sqrt(cases.length) + 0.03;
      const holds = Object.entries(figures).every(([name, value]) =>
        name.endsWith('Distance') ? value <= bound : Math.abs(value - 0.05) <= 0.03,
      );
      return { holds: holds && cases.length > 0, figures: { panels: cases.length, ...figures, bound } };
    },
  },
];
