import { nearestName } from '../../features/expressions/nearest-name.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { RULE_PARAMETERS, type RuleKind } from '../experiment/rule-parameters.ts';
import { shapeOf } from './schema-shape.ts';

/** What holds the value of an address, and under which key; null where the experiment has no such place. */
export type Place = readonly [target: Record<string, unknown>, key: string];

/** What a strategy has that may be searched: its share of the account, and its parameters. */
const STRATEGY_KEYS = ['allocation', 'parameters'];
const DISTANCES = ['stopLoss', 'takeProfit', 'trailing', 'trailingAfter'] as const;

/** `strategies.trend.parameters.fast`, `strategies.trend.allocation` */
export function placeInStrategies({ strategies = [] }: Experiment, [name, key, parameter]: string[]): Place | null {
  const entry = strategies.find((one) => one.name === name);
  if (entry === undefined || key === undefined) return null;
  if (key !== 'parameters') return [entry, key];
  return parameter === undefined ? null : [entry.parameters, parameter];
}

/** `protection.stopLoss.percent`, of a distance that the experiment has in that form. */
export function placeInProtection({ protection }: Experiment, [name, form]: string[]): Place | null {
  const distance = (protection as Record<string, unknown> | undefined)?.[name ?? ''];
  if (typeof distance !== 'object' || distance === null || form === undefined || !(form in distance)) return null;
  return [distance as Record<string, unknown>, form];
}

const hint = (given: string, valid: readonly string[]): string => {
  const nearest = nearestName(given, valid);
  return nearest === null ? `there are: ${valid.join(', ')}` : `did you mean ${nearest}?`;
};

/** Null where the address names what a strategy of the experiment has. Parameters of a file are known to that alone. */
export function strategyMistake({ strategies = [] }: Experiment, address: string, rest: string[]): string | null {
  const [name = '', key = '', parameter = '', ...more] = rest;
  const names = strategies.map((one) => one.name);
  const entry = strategies.find((one) => one.name === name);
  if (entry === undefined) return `no strategy is named ${name || '(nothing)'}; ${hint(name, names)}`;
  if (!STRATEGY_KEYS.includes(key)) {
    const parameters = entry.kind === undefined ? [] : parametersOf(entry.kind);
    const meant = parameters.includes(key) ? `did you mean strategies.${name}.parameters.${key}?` : null;
    return `unknown key ${address}; ${meant ?? hint(key, STRATEGY_KEYS)}`;
  }
  if (key === 'allocation')
    return parameter === '' ? null : `unknown key ${address}; there is nothing below allocation`;
  if (entry.kind === undefined) return parameter === '' || more.length > 0 ? `${address} names no parameter` : null;
  const known = parametersOf(entry.kind);
  if (known.length === 0) return `${address}: ${entry.kind} has no parameters`;
  return more.length > 0 || !known.includes(parameter) ? `unknown key ${address}; ${hint(parameter, known)}` : null;
}

const parametersOf = (kind: string): string[] => Object.keys(shapeOf(RULE_PARAMETERS[kind as RuleKind]));

/** Null where the address names a distance of the experiment's protection, in the form that it has there. */
export function protectionMistake(experiment: Experiment, address: string, rest: string[]): string | null {
  if (placeInProtection(experiment, rest) !== null && rest.length === 2) return null;
  const there = DISTANCES.flatMap((name) => {
    const distance = experiment.protection?.[name];
    if (typeof distance !== 'object' || distance === null) return [];
    return Object.keys(distance).map((form) => `protection.${name}.${form}`);
  });
  if (there.length > 0) return `unknown key ${address}; ${hint(address, there)}`;
  return `${address}: the experiment has no protection to search; add one, as protection: { stopLoss: { percent: 0.05 } }`;
}
