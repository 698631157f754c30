import type { Config } from '../../infra/config.ts';
import { hashOf } from '../../infra/hash.ts';
import { runThroughOutage, type Disturbance, type Left, type Outage, type OutageRun } from './outage-run.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from './proof.ts';

const DOWN_MS = { min: 200, max: 3_000 };

/** Case by case through these, so that any count of them sees each about as often. */
export const OUTAGES: readonly Outage[] = [
  { name: 'Redis restarted', server: 'redis', how: 'order' },
  { name: 'PostgreSQL restarted', server: 'postgres', how: 'order' },
  { name: 'MLflow down throughout', server: 'mlflow', how: 'order', throughout: true },
  { name: 'Redis killed', server: 'redis', how: 'kill' },
  { name: 'PostgreSQL killed', server: 'postgres', how: 'kill' },
  { name: 'MLflow down for a part', server: 'mlflow', how: 'order' },
  { name: 'Redis killed and empty', server: 'redis', how: 'kill', empty: true },
];

/** The same for every case of a process: made once. */
let undisturbed: Promise<OutageRun> | null = null;

const withoutOutage = (config: Config): Promise<OutageRun> => (undisturbed ??= runThroughOutage(config, null));

/** What a disturbed run left behind beside what the undisturbed one did. */
export async function compareOutage(config: Config, disturbance: Disturbance): Promise<CaseFigures> {
  const expected = await withoutOutage(config);
  const { left, failure, workerLives, during } = await runThroughOutage(config, disturbance);
  const equal = (part: keyof Left): boolean => hashOf(left[part]) === hashOf(expected.left[part]);
  const { outage, atMs, downMs } = disturbance;
  const parts = { result: equal('result'), stored: equal('stored'), tracked: equal('tracked') };
  return { outage: outage.name, atMs, downMs, during, failure, workerLives, ...parts };
}

async function runCase({ config, random, index }: CaseContext): Promise<CaseFigures> {
  const { trainingMs } = await withoutOutage(config);
  const atMs = Math.floor(random.next() * trainingMs);
  const downMs = DOWN_MS.min + random.integer(DOWN_MS.max - DOWN_MS.min);
  return compareOutage(config, { outage: OUTAGES[index % OUTAGES.length]!, atMs, downMs });
}

const MUST = ['result', 'stored', 'tracked', 'workerLives'] as const;

/** Runs whose servers go away and come back: Redis, PostgreSQL and MLflow, each in every way it can. */
export const OUTAGE_PROOF: Proof = {
  name: 'outages',
  shows: 'Redis, PostgreSQL or MLflow away at a random moment of a training: nothing lost, nothing twice, equal result',
  count: 3 * OUTAGES.length,
  run: runCase,
  conclude: (cases) => {
    const byOutage = OUTAGES.map(({ name }) => {
      const of = cases.filter(({ outage }) => outage === name);
      const right = of.filter((figures) => MUST.every((part) => figures[part] === true)).length;
      return [name, `${right} of ${of.length} as undisturbed`] as const;
    });
    return {
      holds: cases.every((figures) => MUST.every((part) => figures[part] === true)),
      figures: {
        runs: cases.length,
        ...Object.fromEntries(MUST.map((part) => [part, share(cases, part)])),
        duringTraining: share(cases, 'during'),
        startedAgain: cases.filter(({ failure }) => failure !== '').length,
        ...Object.fromEntries(byOutage),
      },
    };
  },
};
