import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import type { Costs } from '../../../trading/brokers/simulated/cost-model.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { checkedExperiment } from '../../../models/experiment/checked-experiment.ts';
import { ingestMarketData, loadBars } from '../../../models/experiment/market-data.ts';
import { systemVendorAccess } from '../../../pipelines/vendors/vendor-access.ts';
import { experimentRules, rulesSession } from '../../../trading/sessions/rules-experiment.ts';
import { barsFilesOf, type ResearchOptions, type RuleOptions } from '../../command-options.ts';
import { ruleSessionOptions } from '../../run/rule-backtest.ts';
import { readRuleBars, requireBars, ruleSettings } from '../../run/rule-settings.ts';
import { parseAssignments } from '../../../models/experiment/limits/assignments.ts';
import { parseNumber } from '../../run/number-options.ts';
import { strategyOf } from '../../run/strategy-option.ts';
import type { LookAheadReport } from '../look-ahead.ts';
import { EffectJournal } from './effect-journal.ts';
import { auditFills, type FillAudit } from './fill-audit.ts';
import { huntedEnsemble, type HuntedEnsemble } from './hunted-ensemble.ts';
import { huntedExperiment, huntedSession, withModel, type Hunted } from './hunted-session.ts';
import { huntStrategy, type StrategyHunt } from './strategy-look-ahead.ts';
import { strategyWarmUp } from './strategy-warm-up.ts';

export type StrategyResearchOptions = ResearchOptions & Omit<RuleOptions, keyof ResearchOptions>;

/** What is hunted in, and the session that trades it as users run it: a strategy of a file has a thread of its own. */
export interface AskedSession {
  readonly hunted: () => Promise<Hunted>;
  readonly plan: HistoricalSessionOptions;
  readonly costs: Partial<Costs>;
  /** The experiment's ensemble, where it is one of the strategies: what it learns is hunted as well. */
  readonly ensemble: HuntedEnsemble | null;
}

/** Times at which the future of a strategy is changed unless told otherwise: it takes no training. */
const CUTS = 20;
/** Of an ensemble beside it, of which each takes one. */
const TRAINED_CUTS = 3;

/** The session of `--bars FILE --strategy NAME`. */
export async function askedByOptions(options: StrategyResearchOptions, name: string): Promise<AskedSession> {
  const files = requireBars(options, name);
  const parameters = parseAssignments(options.set, '--set');
  const strategy = await strategyOf(name, parameters, options.deadline);
  const settings = ruleSettings(options);
  const { bars, actions } = await readRuleBars(options, files);
  const plan = ruleSessionOptions({ ...settings, bars, actions }, strategy);
  const hunted = (): Promise<Hunted> => huntedSession({ name, parameters }, plan);
  return { hunted, plan, costs: settings.costs, ensemble: null };
}

/** The session of an experiment that names `strategies`, on the account that they share. */
export async function askedByExperiment(
  context: CommandContext,
  options: ResearchOptions,
  path: string,
): Promise<AskedSession> {
  const { config, progress, signal } = context;
  const files = { ...barsFilesOf(options), vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(path, { ...files, rules: true });
  const rules = await experimentRules(experiment);
  if (rules.named.every(([, strategy]) => strategy === null)) {
    throw new InputError(`${experiment.name} names its ensemble alone.`, 'Leave `strategies` out: training is hunted.');
  }
  const database = await context.database();
  const ingested = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const market = { ...ingested, ...(await loadBars(database, ingested.reference)) };
  const training = rules.learns ? progress.stage('train the ensemble') : null;
  const ensemble = rules.learns ? await huntedEnsemble(market) : null;
  training?.done();
  const model = ensemble?.model ?? null;
  const plan = rulesSession(market, model === null ? rules : withModel(rules, model), null);
  return { hunted: () => huntedExperiment(market, rules, model), plan, costs: experiment.costs, ensemble };
}

/** `lookahead` of a strategy: exit code 1 where something decided before a time changes with the bars after it. */
export async function strategyLookAhead(
  { progress }: Pick<CommandContext, 'progress'>,
  options: ResearchOptions,
  { hunted, plan, costs, ensemble }: AskedSession,
): Promise<CommandOutput> {
  const cuts = parseNumber(options.cuts ?? `${CUTS}`, '--cuts', 1);
  if (!Number.isInteger(cuts)) throw new InputError(`--cuts ${options.cuts} is not a whole number.`);
  const random = createRandom(parseNumber(options.seed, '--seed')).fork('lookahead');
  const asked = await hunted();
  const stage = progress.stage('hunt for look-ahead', cuts);
  const { audit, notes } = auditedSession(plan, costs);
  const hunt = huntStrategy(asked, { cuts, random, onCut: () => stage.advance() });
  const learned = ensemble === null ? null : await ensembleHunt(ensemble, { progress, random, cuts: options.cuts });
  const found = hunt.findings.length + audit.findings.length + (learned?.findings.length ?? 0);
  stage.done(`${found} findings`);
  const { name, parameters } = plan.strategy;
  return {
    value: {
      strategy: name,
      parameters,
      cuts: hunt.cuts.map(iso),
      compared: hunt.compared,
      findings: hunt.findings.map((one) => ({ ...one, timeMs: iso(one.timeMs), cutMs: iso(one.cutMs) })),
      fills: { audited: audit.fills, findings: audit.findings.map((one) => ({ ...one, timeMs: iso(one.timeMs) })) },
      reasons: notes,
      strategies: asked.members.map((one) => one.name),
      ...(learned === null ? {} : { ensemble: { ...learned, cuts: learned.cuts.map(iso) } }),
    },
    text: () => lookAheadText(name, hunt, audit).concat(ensembleLines(learned), notes).join('\n'),
    exitCode: found === 0 ? 0 : 1,
  };
}

/** What the ensemble learns, hunted from its features to its decisions. */
function ensembleHunt(
  ensemble: HuntedEnsemble,
  {
    progress,
    random,
    cuts,
  }: Pick<CommandContext, 'progress'> & { readonly random: Random; readonly cuts?: string | undefined },
): Promise<LookAheadReport> {
  const times = cuts === undefined ? TRAINED_CUTS : Math.min(TRAINED_CUTS, Number(cuts));
  const stage = progress.stage('hunt in what the ensemble learns', times);
  return ensemble.lookAhead({ cuts: times, random: random.fork('ensemble'), onCut: () => stage.advance() });
}

function ensembleLines(report: LookAheadReport | null): string[] {
  if (report === null) return [];
  const compared = Object.entries(report.compared).map(([what, count]) => `${count.toLocaleString('en')} ${what}`);
  return [
    `ensemble: trained anew at ${report.cuts.length} times, compared up to each: ${compared.join(', ')}.`,
    ...report.findings.map(({ stage, what }) => `ensemble, ${stage}: ${what}`),
  ];
}

function lookAheadText(name: string, { cuts, compared, findings }: StrategyHunt, audit: FillAudit): string[] {
  const count = (value: number): string => value.toLocaleString('en');
  const looked = `${count(compared.signals)} answers and ${count(compared.session)} records`;
  const none = 'Nothing answered or decided before a time changed with the bars after it.';
  return [
    `${name}: ${cuts.length} times, compared up to each: ${looked}. ${count(audit.fills)} fills audited.`,
    ...(findings.length === 0 ? [none] : []),
    ...findings.map(({ strategy, stage, symbol, timeMs, future, withFuture, without }) => {
      const other = { missing: 'without the bars after it', other: 'with other bars after it', again: 'run again' };
      return `${stage}: ${strategy}, ${symbol} at ${iso(timeMs)}: ${withFuture} became ${without} ${other[future]}`;
    }),
    ...audit.findings.map(
      ({ sequence, symbol, timeMs, why }) => `fills: order ${sequence}, ${symbol} at ${iso(timeMs)}: ${why}`,
    ),
  ];
}

/** The session as a backtest runs it, its fills held against the bars. */
function auditedSession(
  plan: HistoricalSessionOptions,
  costs: Partial<Costs>,
): { audit: FillAudit; notes: readonly string[] } {
  const journal = new EffectJournal(plan.bars.map(({ symbol }) => symbol));
  const { reasons } = runHistoricalSession({ ...plan, journal });
  return { audit: auditFills({ bars: plan.bars, effects: journal.effects, costs }), notes: reasons };
}

/** `warmup` of a strategy: exit code 1 where its answers depend on the past for longer than they should. */
export async function strategyWarmUpCommand({ hunted, plan, ensemble }: AskedSession): Promise<CommandOutput> {
  // With its deadline first: a strategy that does not answer ends here.
  const { reasons: notes } = runHistoricalSession(plan);
  const asked = await hunted();
  const { findings, settledAfterBars, compared } = strategyWarmUp(asked, createRandom(1).fork('warmup'));
  const { name, parameters } = plan.strategy;
  const { members } = asked;
  const warmUpBars = members.length === 1 ? members[0]!.warmUpBars : null;
  const columns = ensemble?.warmUp() ?? [];
  const reasons = notes;
  const declared = members.map((one) =>
    one.warmUpBars === null
      ? `${one.name} declares no warm-up`
      : `${one.name} declares a warm-up of ${one.warmUpBars} bars`,
  );
  const settled = `; answers agree ${settledAfterBars} bars after the past is cut off or another`;
  return {
    value: {
      strategy: name,
      parameters,
      warmUpBars,
      settledAfterBars,
      compared,
      findings: findings.map((one) => ({ ...one, timeMs: iso(one.timeMs) })),
      reasons,
      strategies: members,
      ...(ensemble === null ? {} : { features: columns }),
    },
    text: () =>
      [
        `${declared.join(', ')}${findings.length === 0 ? settled : ''}.`,
        ...findings.map(({ strategy, symbol, past, settlesAfterBars, timeMs, withPast, without }) => {
          const when = settlesAfterBars === null ? 'never settles' : `settles after ${settlesAfterBars} bars`;
          const how = past === 'missing' ? 'where history begins later' : 'where the past is another';
          return `${strategy}, ${symbol}: ${when}; at ${iso(timeMs)} ${withPast} became ${without} ${how}`;
        }),
        ...columns.map(({ column, settlesAfterBars }) => {
          const when = settlesAfterBars === null ? 'never settles' : `settles after ${settlesAfterBars} bars`;
          return `ensemble, ${column}: ${when} where history begins later`;
        }),
        ...reasons,
      ].join('\n'),
    exitCode: findings.length + columns.length === 0 ? 0 : 1,
  };
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
