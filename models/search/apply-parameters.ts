import { checkedAgain } from '../experiment/files-apart.ts';
import { z } from 'zod';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { evaluateOwnFile } from '../../infra/own-files/evaluate-own-file.ts';
import type { OwnParameters } from '../../infra/own-files/own-file.ts';
import { ownParameters } from '../../infra/own-files/own-parameters.ts';
import { estimatorOf } from '../estimators/registry.ts';
import { experimentSchema, type Experiment } from '../experiment/experiment.ts';
import { learns } from '../experiment/strategies-schema.ts';
import { declaredRangeAt, ownEstimator } from './declared-ranges.ts';
import { extremes } from './parameter-range.ts';
import {
  placeInProtection,
  placeInStrategies,
  protectionMistake,
  strategyMistake,
  type Place,
} from './rule-addresses.ts';
import { RULE_METHODS, RULE_OBJECTIVES } from './rule-search-schema.ts';
import { shapeOf } from './schema-shape.ts';
import {
  searchSchema,
  type ParameterRange,
  type Parameters,
  type ParameterValue,
  type SearchSection,
  type SearchSettings,
} from './search-schema.ts';

/**
 * Sections whose keys may be searched besides `estimators`: what labels, splits or features are is no matter of degree.
 */
const SECTIONS = ['ensemble', 'signals', 'sizing'] as const;
type SectionName = (typeof SECTIONS)[number];

/** The same of rules, which learn nothing. */
const RULE_SECTIONS = ['strategies', 'protection', 'signals', 'sizing'] as const;

/** Sections that probabilities do not depend on. */
const TRADING_SECTIONS: readonly string[] = ['signals', 'sizing'];

/**
 * The experiment with the values of one trial. Throws SignalboxError for an address or a value that `searchMistakes`
 * would have named.
 */
export function applyParameters(experiment: Experiment, parameters: Parameters): Experiment {
  const applied = structuredClone(experiment) as Experiment;
  for (const [address, value] of Object.entries(parameters)) setAt(applied, address, value);
  const checked = checkedAgain(applied);
  for (const entry of checked.estimators) {
    const { name, kind, ...params } = entry;
    requireOwnBounds(entry);
    const found = estimatorOf(kind).params.safeParse(params);
    if (!found.success) throw new SignalboxError(`${name}: ${found.error.issues[0]!.message}`);
  }
  return checked;
}

/** @throws InputError for a parameter of a user's file that is out of its bounds */
function requireOwnBounds(entry: Experiment['estimators'][number]): void {
  const code = ownEstimator(entry);
  if (code === null) return;
  ownParameters(code.name, evaluateOwnFile(code) as OwnParameters, entry['parameters'] as Record<string, unknown>);
}

function setAt(experiment: Experiment, address: string, value: ParameterValue): void {
  const place = placeOf(experiment, address);
  if (place === null) throw new SignalboxError(`The experiment has no ${address}.`);
  place[0][place[1]] = value;
}

/** The value that an address has in the experiment. */
export function valueOf(experiment: Experiment, address: string): unknown {
  const place = placeOf(experiment, address);
  return place?.[0][place[1]];
}

/** What holds the value of an address, and under which key: parameters of a user's file stand by themselves. */
function placeOf(experiment: Experiment, address: string): Place | null {
  const [section = '', ...rest] = address.split('.');
  const [second = '', third] = rest;
  if (section === 'strategies') return placeInStrategies(experiment, rest);
  if (section === 'protection') return placeInProtection(experiment, rest);
  if (section !== 'estimators') return [experiment[section as SectionName] as Record<string, unknown>, third ?? second];
  const entry = experiment.estimators.find(({ name }) => name === second);
  if (entry === undefined) return null;
  const isFile = ownEstimator(entry) !== null;
  return [(isFile ? entry['parameters'] : entry) as Record<string, unknown>, third ?? second];
}

/** A mistake in a `search` section: where, and what to do about it. */
export interface SearchMistake {
  readonly path: readonly string[];
  readonly message: string;
}

/** Everything wrong with an experiment's `search` section that its schema alone cannot see. */
export function searchMistakes(experiment: Experiment): SearchMistake[] {
  const { search } = experiment;
  if (search === null) return [];
  if (!learns(experiment)) return ruleMistakes(experiment, search);
  const mistakes = kindMistakes(search);
  if (mistakes.length > 0) return mistakes;
  const learned = searchSchema.parse(withoutRules(search));
  mistakes.push(...learnedMistakes(experiment, learned));
  return mistakes;
}

/** The section without what rules alone have. */
const withoutRules = ({ constraints: _constraints, ...search }: SearchSection): unknown => search;

/**
 * The search of what an experiment learns, with every value that it does not say.
 * @param search a section that `searchMistakes` finds nothing in
 */
export function learnedSearch(search: SearchSection): SearchSettings {
  return searchSchema.parse(withoutRules(search));
}

/** What belongs to a search of rules, where something is learned. */
function kindMistakes({ method, objective, constraints, space }: SearchSection): SearchMistake[] {
  const { shape } = searchSchema;
  const mistakes: SearchMistake[] = [];
  for (const [key, value] of Object.entries({ method, objective })) {
    const schema = shape[key as 'method' | 'objective'];
    const valid = schema.unwrap().options;
    if (value === undefined || valid.some((one) => one === value)) continue;
    mistakes.push({
      path: ['search', key],
      message: `${value} is of rules; where a model is learned, ${valid.join(', ')}`,
    });
  }
  if (constraints !== undefined) {
    mistakes.push({ path: ['search', 'constraints'], message: 'are of rules: leave them out' });
  }
  for (const [address, { step }] of Object.entries(space)) {
    if (step === undefined) continue;
    mistakes.push({ path: ['search', 'space', address], message: 'step is of rules: leave it out' });
  }
  return mistakes;
}

/** What is wrong with a search of rules. Combinations that they refuse are left out by the search itself. */
function ruleMistakes(
  experiment: Experiment,
  { method = 'grid', objective, trials, space }: SearchSection,
): SearchMistake[] {
  const mistakes: SearchMistake[] = [];
  if (!RULE_METHODS.some((one) => one === method)) {
    mistakes.push({
      path: ['search', 'method'],
      message: `${method} is of models; of rules, ${RULE_METHODS.join(', ')}`,
    });
  }
  if (method === 'grid' && trials !== undefined) {
    mistakes.push({ path: ['search', 'trials'], message: 'would do nothing: a grid tries all' });
  }
  if (objective !== undefined && !RULE_OBJECTIVES.some((one) => one === objective)) {
    const message = `${objective} is of models; of rules, ${RULE_OBJECTIVES.join(', ')}`;
    mistakes.push({ path: ['search', 'objective'], message });
  }
  for (const [address, range] of Object.entries(space)) {
    const message = ruleAddressMistake(experiment, address) ?? declaredMistake(experiment, range, address);
    if (message !== null) mistakes.push({ path: ['search', 'space', address], message });
  }
  return mistakes;
}

function ruleAddressMistake(experiment: Experiment, address: string): string | null {
  const [section = '', ...rest] = address.split('.');
  if (section === 'strategies') return strategyMistake(experiment, address, rest);
  if (section === 'protection') return protectionMistake(experiment, address, rest);
  if (!RULE_SECTIONS.some((one) => one === section)) {
    return `no section ${section} of rules; ${hint(section, RULE_SECTIONS)}`;
  }
  return addressMistake(experiment, address);
}

function learnedMistakes(experiment: Experiment, search: SearchSettings): SearchMistake[] {
  const mistakes = Object.keys(search.space).flatMap((address): SearchMistake[] => {
    const message =
      addressMistake(experiment, address) ??
      declaredMistake(experiment, search.space[address]!, address) ??
      valueMistake(experiment, search, address);
    return message === null ? [] : [{ path: ['search', 'space', address], message }];
  });
  const trading = Object.keys(search.space).find((address) => TRADING_SECTIONS.includes(address.split('.')[0]!));
  if (trading !== undefined && search.objective !== 'netSharpe') {
    const message = `${trading} cannot change ${search.objective}; search it with objective: netSharpe`;
    mistakes.push({ path: ['search', 'objective'], message });
  }
  const { resource } = search.halving;
  if (search.method === 'halving' && resource !== 'bars') {
    const message = addressMistake(experiment, resource) ?? resourceMistake(experiment, resource);
    if (message !== null) mistakes.push({ path: ['search', 'halving', 'resource'], message });
  }
  return mistakes;
}

function resourceMistake(experiment: Experiment, address: string): string | null {
  const value = valueOf(experiment, address);
  return typeof value === 'number' && value >= 1
    ? null
    : `${address} is no amount of anything; name a whole number, or bars`;
}

function hint(given: string, valid: readonly string[]): string {
  const nearest = nearestName(given, valid);
  return nearest === null ? `there are: ${valid.join(', ')}` : `did you mean ${nearest}?`;
}

/** Null when the address names a key that the experiment could have. */
function addressMistake(experiment: Experiment, address: string): string | null {
  const [section, ...rest] = address.split('.') as [string, ...string[]];
  if (section === 'estimators') return estimatorMistake(experiment, address, rest);
  if (!SECTIONS.includes(section as SectionName)) {
    return `unknown section ${section}; ${hint(section, ['estimators', ...SECTIONS])}`;
  }
  const keys = Object.keys(shapeOf(experimentSchema.shape[section as SectionName]));
  const [key = '', ...more] = rest;
  if (more.length > 0 || !keys.includes(key)) return `unknown key ${address}; ${hint(key, keys)}`;
  return null;
}

function estimatorMistake({ estimators }: Experiment, address: string, rest: readonly string[]): string | null {
  const [name = '', key = '', ...more] = rest;
  const entry = estimators.find((one) => one.name === name);
  const names = estimators.map((one) => one.name);
  if (entry === undefined) return `no estimator is named ${name || '(nothing)'}; ${hint(name, names)}`;
  const isFile = ownEstimator(entry) !== null;
  const keys = Object.keys(isFile ? (entry['parameters'] as object) : shapeOf(estimatorOf(entry.kind).params));
  if (more.length > 0 || !keys.includes(key)) return `unknown key ${address}; ${hint(key, keys)}`;
  return null;
}

/** Why a range that is left to the file of an estimator is none; null for any other. */
function declaredMistake(experiment: Experiment, range: ParameterRange, address: string): string | null {
  if (range.declared === undefined) return null;
  try {
    declaredRangeAt(experiment, address);
    return null;
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    return `${error.message}. ${error.remedy}`;
  }
}

/** Tries the ends of the range, or every choice, with everything else as it stands. */
function valueMistake(experiment: Experiment, search: SearchSettings, address: string): string | null {
  const given = search.space[address]!;
  for (const value of extremes(given.declared === undefined ? given : declaredRangeAt(experiment, address))) {
    try {
      applyParameters({ ...experiment, search: null }, { [address]: value });
    } catch (error) {
      if (error instanceof z.ZodError) return `${String(value)}: ${error.issues[0]!.message}`;
      if (error instanceof SignalboxError) return `${String(value)}: ${error.message}`;
      throw error;
    }
  }
  return null;
}
