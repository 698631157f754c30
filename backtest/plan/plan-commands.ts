import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { parseYamlFile } from '../../infra/files/yaml-file.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import { ingestMarketData } from '../../models/experiment/market-data.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { countNamedTrials } from '../judgement/trial-store.ts';
import { plural } from '../number-format.ts';
import { planWords } from './compare-plan.ts';
import { plannedName } from './follow-plan.ts';
import { planSchema, type Plan, type RegisteredPlan } from './plan-schema.ts';
import { readOutcomes, readPlans, writePlan, type PlanOutcome } from './plan-store.ts';

/** The experiment of a plan: a file beside the plan's, or whatever the command line would take. */
function experimentOf({ experiment }: Plan, planFile: string): string {
  const beside = join(dirname(planFile), experiment);
  return experimentPath(/\.ya?ml$/.test(experiment) && existsSync(beside) ? beside : experiment);
}

/**
 * `plan register FILE`: keeps what is going to be looked for. The bars of the experiment are brought into the store for
 * their hash; nothing is learned from them and no result is shown.
 * @throws InputError for a plan or an experiment that cannot be used
 */
export async function registerPlanCommand(context: CommandContext, file: string): Promise<CommandOutput> {
  const plan = parseYamlFile(planSchema, file);
  const vendors = systemVendorAccess(context.config.vendors);
  const experiment = await checkedExperiment(experimentOf(plan, file), { vendors });
  const database = await context.database();
  const { progress, signal } = context;
  const { ingested } = await ingestMarketData(database, { experiment, vendors, progress, signal });
  const experimentName = plannedName(experiment.name);
  const registered = await writePlan(database, {
    experimentName,
    experimentHash: experimentHash(experiment),
    dataHash: ingested.dataHash,
    plan,
    experiment: JSON.parse(JSON.stringify(experiment)) as Record<string, unknown>,
    trialsSeen: await countNamedTrials(database, experimentName, null),
  });
  const value = documentOf(registered, []);
  return { value, text: () => planText(registered, []) };
}

/** `plan show [NAME]`: the plans of an experiment, or all, and what was done since. */
export async function showPlansCommand(context: CommandContext, asked: string): Promise<CommandOutput> {
  const database = await context.database();
  const name = asked === '' ? null : plannedName(asked);
  const plans = await readPlans(database, name);
  if (name !== null && plans.length === 0) {
    throw new InputError(`There is no plan for ${name}.`, 'Register one: plan register FILE.');
  }
  const found = await Promise.all(
    plans.map(async (plan) => ({ plan, outcomes: await readOutcomes(database, plan.id) })),
  );
  const texts = (): string[] => found.map(({ plan, outcomes }) => planText(plan, outcomes));
  return {
    value: found.map(({ plan, outcomes }) => documentOf(plan, outcomes)),
    text: () => (found.length === 0 ? 'No plan is registered.' : texts().join('\n\n')),
  };
}

function documentOf(registered: RegisteredPlan, outcomes: readonly PlanOutcome[]): object {
  const { id, experimentName, registeredAt, experimentHash: hash, dataHash, plan, trialsSeen, experiment } = registered;
  return {
    plan: id,
    experiment: experimentName,
    registeredAt: registeredAt.toISOString(),
    experimentHash: hash,
    dataHash,
    hypothesis: plan.hypothesis,
    measure: plan.measure,
    minimumEffect: plan.minimumEffect,
    maxTrials: plan.maxTrials,
    trialsSeen,
    splits: experiment['splits'],
    costs: experiment['costs'],
    features: experiment['features'],
    outcomes: outcomes.map(({ madeAt, ...outcome }) => ({ ...outcome, madeAt: madeAt.toISOString() })),
  };
}

function planText(registered: RegisteredPlan, outcomes: readonly PlanOutcome[]): string {
  const { id, experimentName, registeredAt, experimentHash: hash, dataHash, plan, trialsSeen } = registered;
  const when = registeredAt.toISOString().slice(0, 16).replace('T', ' ');
  const late = trialsSeen === 0 ? 'before any result' : `after ${plural(trialsSeen, 'trial')} of it had been seen`;
  return [
    `Plan ${id} for ${experimentName}, registered ${when} UTC, ${late}`,
    `  ${plan.hypothesis}`,
    `  ${plan.measure} of at least ${plan.minimumEffect}, in at most ${plural(plan.maxTrials, 'trial')}`,
    `  experiment ${hash.slice(0, 12)}, data ${dataHash.slice(0, 12)}`,
    ...outcomes.flatMap(({ kind, madeAt, compared }) => [
      `  ${kind} of ${madeAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      ...planWords(compared).map((line) => `    ${line}`),
    ]),
    ...(outcomes.length === 0 ? ['  Nothing has been done for it yet.'] : []),
  ].join('\n');
}
