import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { QueueFactory } from '../../infra/redis/queue.ts';
import type { FeatureDrift, Judged } from '../../models/monitoring/feature-drift.ts';
import { collect, type ExperimentOptions } from '../command-options.ts';
import type { Supervision } from './supervise.ts';

interface MonitorOptions extends ExperimentOptions {
  readonly act?: boolean;
}

interface ScheduleOptions {
  readonly monitor?: string;
  readonly retrain?: string;
  readonly everyMinutes?: string;
}

/** Registers `monitor` and `schedule ...`. */
export function registerSupervisionCommands(program: Command): void {
  const monitor = addCommand(
    program,
    'monitor <experiment>',
    'drift, scores and age of the champion; exit code 1 on an alarm',
  );
  monitor
    .option('--bars <FILE>', 'bars that replace the data of the experiment (repeatable)', collect, [])
    .option('--calendar <NAME>', 'calendar of those bars: none, us-equities, crypto', 'none')
    .option('--act', 'train a challenger on an alarm, shadow it, offer it to the gate');
  bindAction<MonitorOptions>(monitor, monitorCommand);

  const schedule = program
    .command('schedule')
    .description('looks and retrainings at times; done by any `signalbox worker`');
  const set = addCommand(schedule, 'set <experiment>', 'schedule an experiment; setting it again replaces it');
  set
    .option('--monitor <PATTERN>', 'look, and act on alarms, at these times: a cron pattern in UTC')
    .option('--retrain <PATTERN>', 'train a challenger without an alarm at these times')
    .option('--every-minutes <N>', 'look every so many minutes instead of at a pattern');
  bindAction<ScheduleOptions>(set, setCommand);
  bindAction(addCommand(schedule, 'list', 'what is scheduled, and when it is next due'), listCommand);
  bindAction(addCommand(schedule, 'remove <experiment>', 'forget the schedules of an experiment'), removeCommand);
}

async function monitorCommand(
  context: CommandContext,
  options: MonitorOptions,
  experiment?: string,
): Promise<CommandOutput> {
  const { superviseExperiment } = await import('./supervise-experiment.ts');
  const supervision = await superviseExperiment(context, {
    experiment: experiment!,
    kind: 'monitor',
    act: options.act === true,
    barsFiles: options.bars,
    calendar: options.calendar,
  });
  const exitCode = supervision.report.alarms.length === 0 ? 0 : 1;
  return { value: supervision, text: () => supervisionText(supervision), exitCode };
}

async function withQueues<T>(context: CommandContext, work: (queues: QueueFactory) => Promise<T>): Promise<T> {
  const { assertQueueReachable, createQueueFactory } = await import('../../infra/redis/queue.ts');
  const database = await context.database();
  const queues = createQueueFactory(context.config, database, (error) =>
    context.progress.note(`queue: ${error.message}`),
  );
  try {
    await assertQueueReachable(queues);
    return await work(queues);
  } finally {
    await queues.close();
  }
}

/** A file by its absolute path, since workers run elsewhere; a shipped experiment by its name. */
const scheduledName = (experiment: string): string => (existsSync(experiment) ? resolve(experiment) : experiment);

async function setCommand(
  context: CommandContext,
  options: ScheduleOptions,
  experiment?: string,
): Promise<CommandOutput> {
  const { loadExperiment } = await import('../../models/experiment/load-experiment.ts');
  const { setSchedule, listSchedules } = await import('../../models/monitoring/supervision-schedule.ts');
  const { name } = loadExperiment(experiment!);
  const minutes = options.everyMinutes === undefined ? null : Number(options.everyMinutes);
  if (minutes !== null && !(minutes > 0 && minutes <= 525_600)) {
    throw new InputError(`--every-minutes ${options.everyMinutes} is not a number above 0.`);
  }
  const wanted = [
    ...(options.monitor === undefined ? [] : [{ kind: 'monitor', timing: { pattern: options.monitor } } as const]),
    ...(options.retrain === undefined ? [] : [{ kind: 'retrain', timing: { pattern: options.retrain } } as const]),
    ...(minutes === null ? [] : [{ kind: 'monitor', timing: { everyMinutes: minutes } } as const]),
  ];
  if (wanted.length === 0) {
    throw new InputError('When?', 'Give --monitor "30 21 * * 1-5", --retrain "0 3 * * 6" or --every-minutes 60.');
  }
  if (options.monitor !== undefined && minutes !== null) {
    throw new InputError('--monitor and --every-minutes both say when to look.', 'Leave one of the two out.');
  }
  return withQueues(context, async (queues) => {
    for (const { kind, timing } of wanted) {
      await setSchedule(queues, { experiment: scheduledName(experiment!), kind }, timing);
    }
    const value = (await listSchedules(queues)).filter((one) => one.experiment === scheduledName(experiment!));
    return { value, text: () => `${name}: ${value.map(({ kind, timing }) => `${kind} ${timing}`).join(', ')}` };
  });
}

async function listCommand(context: CommandContext): Promise<CommandOutput> {
  const { listSchedules } = await import('../../models/monitoring/supervision-schedule.ts');
  const value = await withQueues(context, listSchedules);
  const text = (): string => {
    if (value.length === 0) return 'Nothing is scheduled.';
    const table = new Table({ head: ['experiment', 'what', 'when', 'next'], style: { head: [], border: [] } });
    for (const { experiment, kind, timing, next } of value) table.push([experiment, kind, timing, next ?? '']);
    return table.toString();
  };
  return { value, text };
}

async function removeCommand(context: CommandContext, _options: object, experiment?: string): Promise<CommandOutput> {
  const { removeSchedules } = await import('../../models/monitoring/supervision-schedule.ts');
  const removed = await withQueues(context, (queues) => removeSchedules(queues, scheduledName(experiment!)));
  if (removed === 0) throw new InputError(`Nothing is scheduled for ${experiment}.`, 'See `signalbox schedule list`.');
  return { value: { removed }, text: () => `${removed} removed` };
}

const SHOWN = 8;

/** A look as people read it. */
export function supervisionText({ report, shadow, action, decision }: Supervision): string {
  const { features, scores, decay, alarms } = report;
  const worst = features?.worst ?? null;
  const figure = (value: number | null | undefined, digits = 4): string => value?.toFixed(digits) ?? 'n/a';
  return [
    `${report.name}@${report.version} as of ${report.asOf}: ${alarms.length === 0 ? 'no alarm' : `ALARM: ${alarms.join(', ')}`}`,
    `  expires ${report.expiresAt ?? 'never'}; ${report.predictions} predictions since its training, ${report.labelled} with labels`,
    ...(report.novelShare === null
      ? []
      : [`  rows unlike the training rows: ${(100 * report.novelShare).toFixed(1)} % (1 % expected)`]),
    ...(worst === null ? [] : [`  features: ${describeWorst(worst)}`]),
    // Too few bars to judge: their figures would be taken for findings.
    ...(worst === null ? [] : features!.features)
      .slice(0, SHOWN)
      .map(
        ({ name, stabilityIndex, kolmogorovSmirnov }) =>
          `    ${name}: stability index ${figure(stabilityIndex, 3)}, Kolmogorov-Smirnov ${figure(kolmogorovSmirnov, 3)}`,
      ),
    ...(scores === null
      ? []
      : [
          `  Brier ${figure(scores.live.brier)} (expected ${figure(scores.expected.brier)}), log loss ${figure(scores.live.logLoss)} ` +
            `(${figure(scores.expected.logLoss)}), information coefficient ${figure(scores.live.informationCoefficient, 3)} ` +
            `(${figure(scores.expected.informationCoefficient, 3)})`,
        ]),
    ...(decay === null
      ? []
      : [
          `  evidence that scores decayed ${decay.score.evidence.toFixed(2)}, calibration ${decay.calibration.evidence.toFixed(2)} ` +
            `(limits ${decay.score.limit.toFixed(0)} and ${decay.calibration.limit.toFixed(0)})`,
        ]),
    ...report.reasons.map((reason) => `  ${reason}`),
    ...(shadow === null
      ? []
      : [
          `  challenger ${shadow.version} is shadowed: ${shadow.labelledBars} of ${shadow.wantedBars} bars have labels`,
        ]),
    ...(action === null ? [] : [`  ${action.kind}: ${JSON.stringify(action.detail)}`]),
    ...(decision === null
      ? []
      : decision.criteria.map(({ name, met, text }) => `  ${met ? 'met    ' : 'not met'}  ${name}: ${text}`)),
  ].join('\n');
}

function describeWorst({ stability, kolmogorov }: NonNullable<FeatureDrift['worst']>): string {
  const judged = ({ ratio, limit }: Judged): string =>
    `${ratio.toFixed(2)} times what is typical (limit ${limit.toFixed(2)})`;
  return `stability index ${judged(stability)}, Kolmogorov-Smirnov ${judged(kolmogorov)}`;
}
