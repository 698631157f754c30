import { createRandom } from '../../infra/random.ts';
import { valuesAt } from './parameter-range.ts';
import { bestFirst, type DoneTrial } from './done-trial.ts';
import type { Parameters, SearchSettings } from './search-schema.ts';
import { keptOf, rungShares } from './successive-halving.ts';
import { proposeByDensity } from './parzen-estimator.ts';

/** One configuration to try on one training window. */
export interface Proposal {
  readonly trial: number;
  /** Level of resource of successive halving; 0 otherwise. */
  readonly rung: number;
  /** Share of the resource that it may use, 1 for all. */
  readonly share: number;
  readonly parameters: Parameters;
}

/**
 * What is to be tried next on one training window, given what was tried there: the open rest of the current round;
 * empty when the search is over. A pure function of both: a search that was killed makes the same proposals again.
 * `stream` names the window for methods that learn; random draws are the same for every window, so that trials can be
 * compared across them.
 */
export function nextProposals(search: SearchSettings, stream: string, done: readonly DoneTrial[]): Proposal[] {
  const isDone = (trial: number, rung: number): boolean => done.some((one) => one.trial === trial && one.rung === rung);
  return roundOf(search, stream, done).filter(({ trial, rung }) => !isDone(trial, rung));
}

function roundOf(search: SearchSettings, stream: string, done: readonly DoneTrial[]): Proposal[] {
  const { method, trials } = search;
  const whole = (trial: number): Proposal => ({
    trial,
    rung: 0,
    share: 1,
    parameters: randomParameters(search, trial),
  });
  if (method === 'random') return range(0, trials).map(whole);
  if (method === 'halving') return rungOf(search, done);
  const startup = Math.min(search.tpe.startup, trials);
  const known = done.length;
  if (known < startup) return range(0, startup).map(whole);
  // Batches begin at fixed trials, so that a batch half done is proposed again from what was known when it began.
  const batch = startup + Math.floor((known - startup) / search.tpe.batch) * search.tpe.batch;
  const before = done.filter(({ trial }) => trial < batch);
  const pending: Parameters[] = [];
  return range(batch, Math.min(trials, batch + search.tpe.batch)).map((trial) => {
    const random = createRandom(`search ${search.seed}/${stream}/trial ${trial}`);
    const parameters = proposeByDensity(search, { done: before, pending }, random);
    pending.push(parameters);
    return { trial, rung: 0, share: 1, parameters };
  });
}

/**
 * The parameters of a trial that nothing is known for: a function of the search's seed and the trial's number alone.
 */
function randomParameters(search: Pick<SearchSettings, 'seed' | 'space'>, trial: number): Parameters {
  const random = createRandom(`search ${search.seed}/trial ${trial}`);
  return valuesAt(search.space, () => random.next());
}

function rungOf(search: SearchSettings, done: readonly DoneTrial[]): Proposal[] {
  const shares = rungShares(search);
  let entrants = range(0, search.trials);
  for (let rung = 0; rung < shares.length; rung++) {
    const here = done.filter((one) => one.rung === rung);
    if (here.length < entrants.length) {
      return entrants.map((trial) => ({
        trial,
        rung,
        share: shares[rung]!,
        parameters: randomParameters(search, trial),
      }));
    }
    entrants = keptOf(here, search.halving.eta);
  }
  return [];
}

/** The best trial that had the whole resource; the earlier of equals. Null before there is one with an objective. */
export function bestOf(search: SearchSettings, done: readonly DoneTrial[]): DoneTrial | null {
  const last = search.method === 'halving' ? rungShares(search).length - 1 : 0;
  const whole = done.filter(({ rung, objective }) => rung === last && objective !== null);
  return bestFirst(whole)[0] ?? null;
}

/** Jobs that a window needs in all: what progress is measured by. */
export function proposalCount(search: SearchSettings): number {
  if (search.method !== 'halving') return search.trials;
  let entrants = search.trials;
  let count = 0;
  rungShares(search).forEach(() => {
    count += entrants;
    entrants = Math.max(1, Math.floor(entrants / search.halving.eta));
  });
  return count;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, k) => from + k);
