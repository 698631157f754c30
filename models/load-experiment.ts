import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from 'fastest-levenshtein';
import { InputError } from '../infra/errors.ts';
import { hashOf } from '../infra/hash.ts';
import { parseYamlFile } from '../infra/yaml-file.ts';
import { estimatorOf } from './estimators/registry.ts';
import { experimentSchema, type Experiment } from './experiment.ts';

const EXPERIMENTS = fileURLToPath(new URL('./experiments/', import.meta.url));

/** Names of the experiments that ship with the project. */
export function shippedExperiments(): string[] {
  return readdirSync(EXPERIMENTS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** Path of an experiment given as a file or as the name of a shipped one. InputError with the nearest name otherwise. */
export function experimentPath(nameOrPath: string): string {
  if (existsSync(nameOrPath) && /\.ya?ml$/.test(nameOrPath)) return nameOrPath;
  const names = shippedExperiments();
  if (names.includes(nameOrPath)) return `${EXPERIMENTS}${nameOrPath}.yaml`;
  const hint = names.length === 0 ? '' : ` Did you mean ${closest(nameOrPath, names)}?`;
  throw new InputError(
    `There is no experiment ${nameOrPath}.${hint}`,
    `Name a YAML file or one of: ${names.join(', ')}.`,
  );
}

/**
 * Reads and resolves an experiment: every key checked, every default filled in, each estimator's parameters checked by
 * the estimator itself. InputError names the file, the key and the nearest valid one.
 */
export function loadExperiment(nameOrPath: string): Experiment {
  const path = experimentPath(nameOrPath);
  const experiment = parseYamlFile(experimentSchema, path);
  return { ...experiment, estimators: resolveEstimators(experiment, path) };
}

function resolveEstimators(experiment: Experiment, path: string): Experiment['estimators'] {
  const seen = new Set<string>();
  const resolved = experiment.estimators.map((entry, index) => {
    const where = `${path}: estimators[${index}]`;
    if (seen.has(entry.name)) {
      throw new InputError(`${where}: the name ${entry.name} is used twice.`, 'Give each estimator a name of its own.');
    }
    seen.add(entry.name);
    const { name, kind, ...params } = entry;
    return { name, kind, ...resolveParams(kind, params, where) };
  });
  return resolved as Experiment['estimators'];
}

function resolveParams(kind: string, params: object, where: string): object {
  const parsed = estimatorOf(kind).params.safeParse(params);
  if (parsed.success) return parsed.data as object;
  const [issue] = parsed.error.issues;
  const key = issue === undefined ? '' : [...issue.path, ...('keys' in issue ? issue.keys : [])].join('.');
  throw new InputError(
    `${where}: ${key === '' ? '' : `${key}: `}${issue?.message ?? 'invalid'}`,
    `See ${kind} in models/README.md.`,
  );
}

/** Parameters of one estimator as its schema resolved them. */
export function estimatorParams(entry: Experiment['estimators'][number]): Record<string, unknown> {
  const { name: _name, kind: _kind, ...params } = entry;
  return params;
}

/** Identity of a resolved experiment: everything that can change a result, not its name or description. */
export function experimentHash(experiment: Experiment): string {
  const { name: _name, description: _description, ...rest } = experiment;
  return hashOf(rest);
}
