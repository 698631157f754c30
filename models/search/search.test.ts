import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { experimentHash, loadExperiment } from '../experiment/load-experiment.ts';
import { applyParameters } from './apply-parameters.ts';
import type { DoneTrial } from './done-trial.ts';
import { positionOf, valueAt } from './parameter-range.ts';
import { bestOf, nextProposals, proposalCount, type Proposal } from './proposals.ts';
import { searchSchema, type ParameterRange, type Parameters, type SearchSettings } from './search-schema.ts';

const space = {
  'a.x': { float: [0, 1] as [number, number] },
  'a.y': { log: [1e-3, 1e3] as [number, number] },
  'a.n': { int: [1, 9] as [number, number] },
  'a.kind': { choice: ['red', 'green', 'blue'] },
};
const settings = (more: object): SearchSettings => searchSchema.parse({ space, ...more });

/** A bowl with its best point at x = 0.7, y = 30, n = 3 and green. */
function bowl(values: Parameters): number {
  const { 'a.x': x, 'a.y': y, 'a.n': n, 'a.kind': kind } = values as Record<string, number & string>;
  const distance = (x! - 0.7) ** 2 + (Math.log10(y! / 30) / 6) ** 2 + ((n! - 3) / 9) ** 2;
  return -distance - (kind === 'green' ? 0 : 0.05);
}

/** Runs a search to its end; `order` shuffles the jobs of each round, `stopAfter` ends it early. */
function run(
  search: SearchSettings,
  score: (proposal: Proposal) => number | null,
  options: { done?: DoneTrial[]; stopAfter?: number; seed?: number } = {},
): DoneTrial[] {
  const done = [...(options.done ?? [])];
  const random = createRandom(`order ${options.seed ?? 0}`);
  for (;;) {
    const open = nextProposals(search, 'window', done);
    if (open.length === 0 || done.length >= (options.stopAfter ?? Infinity)) return done;
    const next = open[random.integer(open.length)]!;
    done.push({ ...next, objective: score(next) });
  }
}

const byTrial = (done: readonly DoneTrial[]): DoneTrial[] =>
  [...done].sort((a, b) => a.rung - b.rung || a.trial - b.trial);

describe('a search', () => {
  it.each(['random', 'halving', 'tpe'] as const)('%s goes on after a stop as if there had been none', (method) => {
    const search = settings({ method, trials: 18 });
    const score = ({ parameters, share }: Proposal): number => bowl(parameters) * share;
    const whole = run(search, score);
    expect(whole.length).toBe(proposalCount(search));
    for (const stopAfter of [1, 7, 9, 13]) {
      const half = run(search, score, { stopAfter, seed: stopAfter });
      const resumed = run(search, score, { done: half, seed: stopAfter + 100 });
      expect(byTrial(resumed)).toEqual(byTrial(whole));
    }
  });

  it('does not depend on the order in which addresses are written', () => {
    const turned = Object.fromEntries(Object.entries(space).reverse());
    const proposals = (of: object): Proposal[] => nextProposals(searchSchema.parse({ space: of }), 'w', []);
    expect(proposals(turned)).toEqual(proposals(space));
  });

  it('gives every window the same random trials, so that they can be compared', () => {
    expect(nextProposals(settings({}), 'fold 1', [])).toEqual(nextProposals(settings({}), 'fold 2', []));
  });

  it('never chooses a trial without an objective, nor one of a smaller resource', () => {
    const search = settings({ method: 'halving', trials: 9 });
    const done = run(search, ({ trial, rung }) => (rung === 0 ? 100 + trial : rung === 1 ? trial : -trial));
    expect(bestOf(search, done)).toMatchObject({ rung: 2, trial: 8 });
    const failing = run(settings({ trials: 4 }), ({ trial }) => (trial === 2 ? -5 : null));
    expect(bestOf(settings({ trials: 4 }), failing)?.trial).toBe(2);
    expect(
      bestOf(
        settings({ trials: 4 }),
        run(settings({ trials: 4 }), () => null),
      ),
    ).toBeNull();
  });
});

describe('successive halving', () => {
  it('keeps one in eta with eta times the resource, the whole of it at last', () => {
    const done = run(settings({ method: 'halving', trials: 27 }), ({ trial }) => -Math.abs(trial - 11));
    const rungs = [0, 1, 2].map((rung) => done.filter((one) => one.rung === rung).map(({ trial }) => trial));
    expect(rungs.map(({ length }) => length)).toEqual([27, 9, 3]);
    expect(rungs[2]!.sort((a, b) => a - b)).toEqual([10, 11, 12]);
    const shares = new Set((done as unknown as Proposal[]).map(({ share }) => share.toFixed(3)));
    expect([...shares]).toEqual(['0.111', '0.333', '1.000']);
  });
});

describe('the Parzen estimator', () => {
  it('leaves half of the way to the best point that as many random trials leave', () => {
    const SEARCHES = 25;
    const left = { random: 0, tpe: 0 };
    for (let seed = 0; seed < SEARCHES; seed++) {
      for (const method of ['random', 'tpe'] as const) {
        const search = settings({ method, trials: 48, seed });
        const { objective } = bestOf(
          search,
          run(search, ({ parameters }) => bowl(parameters)),
        )!;
        left[method] += Math.log(-objective!) / SEARCHES;
      }
    }
    expect(Math.exp(left.tpe)).toBeLessThan(0.5 * Math.exp(left.random));
  });
});

describe('a range', () => {
  const ranges: ParameterRange[] = Object.values(space);

  it('has a value at every position and a position for every value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ranges), fc.double({ min: 0, max: 1, noNaN: true }), (range, u) => {
        const value = valueAt(range, u);
        const again = valueAt(range, positionOf(range, value));
        if (typeof value === 'number') expect(again).toBeCloseTo(value, 9);
        else expect(again).toBe(value);
      }),
    );
    expect([valueAt(space['a.n'], 0), valueAt(space['a.n'], 1)]).toEqual([1, 9]);
    expect(valueAt(space['a.y'], 0.5)).toBeCloseTo(1, 9);
  });
});

describe('the search section of an experiment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-search-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const load = (search: string) => {
    const path = join(folder, 'e.yaml');
    const estimators = `  - { name: forest, kind: random-forest, trees: 20 }\n  - { name: linear, kind: logistic-regression }\n`;
    writeFileSync(path, `name: e\nuniverse: [SPX]\nestimators:\n${estimators}search:\n${search}`);
    return loadExperiment(path);
  };
  const spaceOf = (line: string): string => `  space:\n    ${line}\n`;

  it.each([
    ['estimators.forrest.trees: { int: [5, 9] }', /e\.yaml:8: .*no estimator is named forrest; did you mean forest\?/],
    ['estimators.forest.tres: { int: [5, 9] }', /unknown key estimators\.forest\.tres; did you mean trees\?/],
    ['estimators.forest.trees: { itn: [5, 9] }', /unknown key .*itn; did you mean .*int\?/],
    ['estimators.forest.trees: { int: [0, 9] }', /0: .*must be above 0/],
    ['estimators.forest.trees: { int: [9, 5] }', /the first number must be below the second/],
    ['estimators.forest.trees: { int: [5, 9], log: [1, 2] }', /exactly one of int, float, log, choice and declared/],
    ['ensemble.kind: { choice: [weighted, staked] }', /staked/],
    ['labels.horizonBars: { int: [1, 5] }', /unknown section labels/],
    ['signals.buyAbove: { float: [0.5, 0.6] }', /cannot change logLoss; search it with objective: netSharpe/],
  ])('refuses %s', (line, message) => expect(() => load(spaceOf(line))).toThrow(message));

  it('refuses a resource that is none, and an unknown key with its nearest', () => {
    const good = spaceOf('estimators.forest.maxDepth: { int: [2, 8] }');
    expect(() => load(`  method: halving\n  halving: { resource: estimators.forest.features }\n${good}`)).toThrow(
      /no amount/,
    );
    expect(() => load(`  trails: 5\n${good}`)).toThrow(/unknown key search\.trails; did you mean search\.trials\?/);
  });

  it('applies values, checks them, and is no part of an experiment’s identity', () => {
    const experiment = load(spaceOf('estimators.forest.maxDepth: { int: [2, 8] }'));
    const applied = applyParameters(experiment, { 'estimators.forest.maxDepth': 5, 'signals.buyAbove': 0.6 });
    expect(applied.estimators[0]).toMatchObject({ name: 'forest', maxDepth: 5, trees: 20 });
    expect(applied.signals.buyAbove).toBe(0.6);
    expect(experiment.signals.buyAbove).toBe(0.55);
    expect(() => applyParameters(experiment, { 'signals.buyAbove': 0.3 })).toThrow(
      /sellBelow must not exceed buyAbove/,
    );
    expect(experimentHash({ ...experiment, search: null })).toBe(experimentHash(experiment));
    expect(experimentHash(applied)).not.toBe(experimentHash(experiment));
  });
});
