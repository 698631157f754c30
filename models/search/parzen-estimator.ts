import type { Random } from '../../infra/random.ts';
import { positionOf, valueAt } from './parameter-range.ts';
import { bestFirst, type DoneTrial } from './done-trial.ts';
import type { ParameterRange, Parameters, SearchSettings } from './search-schema.ts';

/** Share of the trials that count as good: the gamma of the paper. */
const GOOD_SHARE = 0.15;
const GOOD_MAX = 25;

/**
 * Proposes the parameters with the largest expected improvement under a tree-structured Parzen estimator: Bergstra,
 * Bardenet, Bengio and Kegl, "Algorithms for Hyper-Parameter Optimization", NIPS 2011, section 4. Trials are cut into
 * good and other ones; of `candidates` draws from the density l of the good ones, the one with the largest l(x) / g(x)
 * is taken, since the expected improvement grows with it (their equation 3). Parameters are modelled one by one.
 * `pending` trials, proposed and not yet scored, count as other ones, so that a batch spreads (the pessimistic liar of
 * Ginsbourger, Le Riche and Carraro, 2010).
 */
export function proposeByDensity(
  search: SearchSettings,
  known: { readonly done: readonly DoneTrial[]; readonly pending: readonly Parameters[] },
  random: Random,
): Parameters {
  const { space, tpe } = search;
  const ordered = bestFirst(known.done);
  const good = Math.max(1, Math.min(GOOD_MAX, Math.ceil(GOOD_SHARE * ordered.length)));
  const split = {
    good: ordered.slice(0, good).map(({ parameters }) => parameters),
    other: [...ordered.slice(good).map(({ parameters }) => parameters), ...known.pending],
  };
  const addresses = Object.keys(space).sort();
  return Object.fromEntries(
    addresses.map((address) => {
      const range = space[address]!;
      const positions = (trials: readonly Parameters[]): number[] =>
        trials.map((parameters) => positionOf(range, parameters[address]!));
      const [l, g] = [densityOf(range, positions(split.good)), densityOf(range, positions(split.other))];
      let best = { position: 0.5, ratio: -Infinity };
      for (let candidate = 0; candidate < tpe.candidates; candidate++) {
        const position = l.draw(random);
        const ratio = Math.log(l.at(position)) - Math.log(g.at(position));
        if (ratio > best.ratio) best = { position, ratio };
      }
      return [address, valueAt(range, best.position)];
    }),
  );
}

interface Density {
  at(position: number): number;
  draw(random: Random): number;
}

function densityOf(range: ParameterRange, positions: readonly number[]): Density {
  return range.choice === undefined ? mixture(positions) : categories(positions, range.choice.length);
}

/** Counts with one more of each category: the even prior. */
function categories(positions: readonly number[], count: number): Density {
  const shares = new Array<number>(count).fill(1 / (positions.length + count));
  const categoryOf = (position: number): number => Math.min(count - 1, Math.floor(position * count));
  for (const position of positions) shares[categoryOf(position)]! += 1 / (positions.length + count);
  return {
    at: (position) => shares[categoryOf(position)]! * count,
    draw: (random) => {
      let left = random.next();
      const category = shares.findIndex((share) => (left -= share) < 0);
      return ((category === -1 ? count - 1 : category) + 0.5) / count;
    },
  };
}

/**
 * Gaussians on [0, 1], one at each position and the even prior as one more component. Each is as wide as the way to its
 * farther neighbour (the borders count as such), within 1 / (positions + 1) and 1.
 */
function mixture(positions: readonly number[]): Density {
  const sorted = [...positions].sort((a, b) => a - b);
  const narrowest = 1 / Math.min(100, sorted.length + 1);
  const components = sorted.map((center, k) => {
    const farther = Math.max(center - (sorted[k - 1] ?? 0), (sorted[k + 1] ?? 1) - center);
    const width = Math.max(narrowest, Math.min(1, farther));
    return { center, width, mass: cumulative((1 - center) / width) - cumulative(-center / width) };
  });
  const weight = 1 / (components.length + 1);
  return {
    at: (position) =>
      components.reduce(
        (sum, { center, width, mass }) => sum + (weight * bell((position - center) / width)) / (width * mass),
        weight,
      ),
    draw: (random) => {
      const chosen = components[random.integer(components.length + 1)];
      if (chosen === undefined) return random.next();
      for (;;) {
        const position = chosen.center + chosen.width * random.normal();
        if (position >= 0 && position <= 1) return position;
      }
    },
  };
}

const bell = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

/** Standard normal distribution function: Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8. */
function cumulative(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = bell(z) * series;
  return z >= 0 ? 1 - upper : upper;
}
