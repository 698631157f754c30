import { canonicalJson } from '../../infra/hash.ts';
import { decimal, plural } from '../number-format.ts';
import { flattened } from '../results/flattened.ts';
import type { PlanMeasure, RegisteredPlan } from './plan-schema.ts';

/** One thing that was done otherwise than planned. */
interface PlanDeparture {
  /** A key of the experiment, or `trials`, `data`, `measure`, `registered`. */
  readonly what: string;
  readonly planned: string;
  readonly done: string;
}

/** `plan` of a result document: what was planned, and what became of it. */
export interface PlanSection {
  /** Its number on record. */
  readonly plan: number;
  readonly registeredAt: string;
  readonly hypothesis: string;
  readonly measure: PlanMeasure;
  readonly minimumEffect: number;
  /** The measure in this result; null where it has none. */
  readonly value: number | null;
  /** Whether it reaches the least effect; null without a value. */
  readonly reached: boolean | null;
  readonly maxTrials: number;
  /** Distinct trials of the name since the plan was registered, and before. */
  readonly trials: number;
  readonly trialsSeen: number;
  /** Empty where everything was done as planned. */
  readonly departures: readonly PlanDeparture[];
}

/** What was done. */
export interface DoneWork {
  readonly experiment: Readonly<Record<string, unknown>>;
  readonly dataHash: string;
  /** Distinct trials of the name since the plan was registered. */
  readonly trials: number;
  /** The figure that a search chose by; absent where nothing was chosen. */
  readonly chosenBy?: string | undefined;
  readonly value: number | null;
  /** Plans of the name on record: the newest of them counts. */
  readonly plans: number;
}

/** Keys that say nothing of what was looked at. */
const SILENT = new Set(['name', 'description', 'search', 'monitoring', 'registry']);
const SHOWN = 80;

/** Compares what was done with a plan. Pure. */
export function comparePlan(registered: RegisteredPlan, done: DoneWork): PlanSection {
  const { plan, trialsSeen } = registered;
  const { value } = done;
  return {
    plan: registered.id,
    registeredAt: registered.registeredAt.toISOString(),
    hypothesis: plan.hypothesis,
    measure: plan.measure,
    minimumEffect: plan.minimumEffect,
    value,
    reached: value === null ? null : value >= plan.minimumEffect,
    maxTrials: plan.maxTrials,
    trials: done.trials,
    trialsSeen,
    departures: [
      ...timeDepartures(registered, done),
      ...(done.trials > plan.maxTrials
        ? [{ what: 'trials', planned: `at most ${plan.maxTrials}`, done: String(done.trials) }]
        : []),
      ...(done.dataHash === registered.dataHash
        ? []
        : [{ what: 'data', planned: registered.dataHash.slice(0, 12), done: done.dataHash.slice(0, 12) }]),
      ...(done.chosenBy === undefined || done.chosenBy === plan.measure
        ? []
        : [{ what: 'measure', planned: plan.measure, done: `chosen by ${done.chosenBy}` }]),
      ...settingDepartures(registered.experiment, done.experiment),
    ],
  };
}

function timeDepartures({ trialsSeen }: RegisteredPlan, { plans }: DoneWork): PlanDeparture[] {
  const seen = `after ${plural(trialsSeen, 'trial')} were seen`.replace('1 trial were', '1 trial was');
  return [
    ...(trialsSeen === 0 ? [] : [{ what: 'registered', planned: 'before any result', done: seen }]),
    ...(plans < 2 ? [] : [{ what: 'registered', planned: 'once', done: `${plans} times, of which the last counts` }]),
  ];
}

function settingDepartures(planned: Readonly<Record<string, unknown>>, done: DoneWork['experiment']): PlanDeparture[] {
  const [before, after] = [planned, done].map((of) => {
    const told = Object.entries(of).filter(([key]) => !SILENT.has(key));
    return flattened(JSON.parse(JSON.stringify(Object.fromEntries(told))));
  }) as [Map<string, unknown>, Map<string, unknown>];
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((what): PlanDeparture[] => {
    const [was, is] = [before.get(what), after.get(what)];
    if (sameText(was) === sameText(is)) return [];
    if (Array.isArray(was) && Array.isArray(is)) return [listDeparture(what, was, is)];
    return [{ what, planned: shown(was), done: shown(is) }];
  });
}

/** Of lists what only one of them has. */
function listDeparture(what: string, was: readonly unknown[], is: readonly unknown[]): PlanDeparture {
  const texts = (list: readonly unknown[]): Set<string> => new Set(list.map(sameText));
  const only = (list: readonly unknown[], other: readonly unknown[]): unknown[] =>
    list.filter((one) => !texts(other).has(sameText(one)));
  const [gone, added] = [only(was, is), only(is, was)];
  if (gone.length + added.length === 0) return { what, planned: 'in another order', done: shown(is) };
  const named = (list: readonly unknown[]): string => (list.length === 0 ? 'no others' : list.map(shown).join(', '));
  return { what, planned: clipped(named(gone)), done: clipped(named(added)) };
}

/** The database keeps keys in an order of its own. */
const sameText = (value: unknown): string => (value === undefined ? '' : canonicalJson(value));

const shown = (value: unknown): string =>
  value === undefined ? 'absent' : clipped(typeof value === 'string' ? value : JSON.stringify(value));

const clipped = (text: string): string => (text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`);

/** The section in sentences: one of the plan, then one for each departure. */
export function planWords(section: PlanSection): string[] {
  const { plan, registeredAt, measure, minimumEffect, value, reached, trials, maxTrials, departures } = section;
  const outcome =
    value === null
      ? `there is no ${measure}`
      : `${measure} ${decimal(value, 3)} ${reached === true ? 'reaches' : 'misses'} the ${decimal(minimumEffect, 3)} that it asked for`;
  const as = departures.length === 0 ? 'all was done as planned' : `${plural(departures.length, 'departure')} from it`;
  return [
    `plan ${plan} of ${registeredAt.slice(0, 16).replace('T', ' ')} UTC: ${outcome}, in ${trials} of at most ` +
      `${plural(maxTrials, 'trial')}; ${as}.`,
    ...departures.map((one) => `plan: ${one.what}: planned ${one.planned}; done: ${one.done}.`),
  ];
}
