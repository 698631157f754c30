import { amountText } from '../../amount-text.ts';
import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { checkedExperiment } from '../../../models/experiment/checked-experiment.ts';
import { experimentPath } from '../../../models/experiment/experiment-names.ts';
import { limitsOf, type Experiment } from '../../../models/experiment/experiment.ts';
import { systemVendorAccess } from '../../../pipelines/vendors/vendor-access.ts';
import { listSessions } from '../session-store.ts';
import { stageEvidence, stageHash } from './stage-evidence.ts';
import { missingFor, STAGES, type Stage, type StageEvidence } from './stage-gate.ts';
import { recordStageChange, stageOf } from './stage-store.ts';

/** What `sessions promote` was asked. */
export interface PromoteOptions {
  readonly to: string;
  readonly limitsSeen?: string;
  readonly override?: string;
}

/**
 * Moves an experiment between backtest, paper and live: forwards where the evidence is there, or by a consent that is
 * recorded with what was missing; backwards always. Exit code 1 where it stays.
 * @throws InputError for a stage that there is not, or that it has
 */
export async function promoteCommand(
  context: CommandContext,
  options: PromoteOptions,
  asked: string,
): Promise<CommandOutput> {
  const to = stageNamed(options.to);
  const experiment = await experimentAsked(context, asked);
  const { name } = experiment;
  const database = await context.database();
  const { pool } = database;
  const experimentHash = await stageHash(experiment);
  const from = await stageOf(pool, name, experimentHash);
  if (from === to) throw new InputError(`${name} is at ${to} already.`, 'Name another stage.');
  const evidence = await stageEvidence(database, experiment);
  const missing = missingFor({ from, to, limitsSeen: options.limitsSeen }, evidence);
  const consent = missing.length === 0 ? null : (options.override?.trim() ?? '');
  const moved = consent !== '';
  if (moved) {
    const change = { experiment: name, experimentHash, from, to, evidence, missing, consent };
    const { operator } = context.config;
    await database.transaction((client) => recordStageChange(client, { ...change, operator }));
  }
  const running = (await listSessions(pool)).filter(
    (one) => one.state === 'running' && one.kind === 'live' && one.experiment === name && to !== 'live',
  );
  return {
    value: {
      experiment: name,
      from,
      to,
      moved,
      missing,
      consent: moved ? consent : null,
      evidence,
      limits: limitsOf(experiment),
      running: running.map(({ id }) => id),
    },
    text: () =>
      [
        evidenceTable(experiment, evidence),
        ...missing.map((one) => `missing: ${one}`),
        moved ? movedText({ name, from, to }, missing) : `${name} stays at ${from}. ${REMEDY}`,
        ...running.map(({ id }) => `${id} still trades live: signalbox sessions stop ends it.`),
      ].join('\n'),
    exitCode: moved ? 0 : 1,
  };
}

const REMEDY = 'Mend what is missing, or consent to it: --override "REASON", which is recorded.';

/** The experiment as its live sessions take it. */
async function experimentAsked({ config }: Pick<CommandContext, 'config'>, asked: string): Promise<Experiment> {
  return checkedExperiment(experimentPath(asked), { vendors: systemVendorAccess(config.vendors), rules: true });
}

/**
 * A live account trades only an experiment that was moved to live as it stands.
 * @throws InputError where it was not
 */
export async function requireLiveStage(context: CommandContext, asked: string): Promise<void> {
  const experiment = await experimentAsked(context, asked);
  const { pool } = await context.database();
  const stage = await stageOf(pool, experiment.name, await stageHash(experiment));
  if (stage === 'live') return;
  throw new InputError(
    `${experiment.name}, as it stands, is at ${stage}, not at live.`,
    `signalbox sessions promote ${asked} --to ${stage === 'backtest' ? 'paper' : 'live'} says what is missing.`,
  );
}

function stageNamed(text: string): Stage {
  const stage = STAGES.find((one) => one === text);
  if (stage !== undefined) return stage;
  throw new InputError(`--to ${text} is no stage.`, `Name one of: ${STAGES.join(', ')}.`);
}

function movedText(
  { name, from, to }: { readonly name: string; readonly from: Stage; readonly to: Stage },
  missing: readonly string[],
): string {
  const by = missing.length === 0 ? '' : `, by consent with ${missing.length} missing`;
  const next = to === 'live' ? ' signalbox live trades it with both consents.' : '';
  return `${name} is moved from ${from} to ${to}${by}.${next}`;
}

function parityText({ sessions, orders, differences, cost }: NonNullable<StageEvidence['parity']>): string {
  return `${differences} of ${orders} orders differ in ${sessions} sessions, ${amountText(cost)} dearer`;
}

function evidenceTable(experiment: Experiment, evidence: StageEvidence): string {
  const { backtests, champion, paper, parity, limitsHash } = evidence;
  const limits = Object.entries(limitsOf(experiment)).filter(([, value]) => value !== null && value !== undefined);
  return [
    plainTable(
      ['evidence', 'of the experiment as it stands'],
      [
        ['backtests on record', backtests],
        ['champion', champion],
        ['sessions on paper', paper.sessions],
        ['days on paper', paper.days],
        ['orders, fills, refused', `${paper.orders}, ${paper.fills}, ${paper.refusals}`],
        ['return of the newest', paper.totalReturn === null ? null : `${(100 * paper.totalReturn).toFixed(2)} %`],
        ['parity with the backtest', parity === null ? 'nobody has compared them' : parityText(parity)],
      ],
    ),
    plainTable(
      [`limits ${limitsHash}`, ''],
      limits.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
    ),
  ].join('\n');
}
