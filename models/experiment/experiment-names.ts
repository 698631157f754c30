import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { packageRoot } from '../../infra/package-root.ts';

// An experiment may be asked for by its file, by the file's name and by the name it holds, wherever one is meant.
// Light: the commands of the registry load no estimators for it.

const EXPERIMENTS = join(packageRoot(), 'models', 'experiments');
const YAML = /\.ya?ml$/;
const NAME_LINE = /^name:\s*(["']?)([A-Za-z0-9-]+)\1\s*(#.*)?$/m;
/** Experiments are a few kilobytes; a folder may hold YAML of any kind and size. */
const BYTES_MAX = 1_000_000;

/** Names of the experiments that ship with the project. */
export function shippedExperiments(): string[] {
  return yamlFiles(EXPERIMENTS)
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/**
 * Path of an experiment given as a file, as the name of a shipped one's file, or by the name that a shipped one or a
 * file of this folder holds. InputError with the nearest name otherwise, or where two files hold the name.
 */
export function experimentPath(nameOrPath: string): string {
  const found = lookUp(nameOrPath);
  if (found !== null) return found;
  const [own] = nameOrPath.split('.') as [string];
  if (own !== nameOrPath && lookUp(own) !== null) {
    throw new InputError(
      `${nameOrPath} is ${own} over other data than its own.`,
      `Name ${own} and give its data: ${own} --bars FILE.`,
    );
  }
  const names = shippedExperiments();
  const known = [...names, ...names.map((name) => heldName(shippedPath(name)) ?? name)];
  throw new InputError(
    `There is no experiment ${nameOrPath}. Did you mean ${nearestName(nameOrPath, known, Infinity)}?`,
    `Name a YAML file or one of: ${names.join(', ')}.`,
  );
}

/** The same experiment by the same words, whichever was used: a shipped one's name, or an absolute path. */
export function canonicalExperiment(nameOrPath: string): string {
  const path = experimentPath(nameOrPath);
  const shipped = shippedExperiments().find((name) => shippedPath(name) === path);
  return shipped ?? resolve(path);
}

/** The name that an experiment holds (`default`: `spx-daily`), by which the registry knows it; null without one. */
export function heldNameOf(nameOrPath: string): string | null {
  const path = lookUp(nameOrPath);
  return path === null ? null : heldName(path);
}

const shippedPath = (name: string): string => join(EXPERIMENTS, `${name}.yaml`);

function lookUp(nameOrPath: string): string | null {
  if (YAML.test(nameOrPath) && existsSync(nameOrPath)) return nameOrPath;
  const names = shippedExperiments();
  if (names.includes(nameOrPath)) return shippedPath(nameOrPath);
  if (!/^[A-Za-z0-9-]+$/.test(nameOrPath)) return null;
  if (existsSync(`${nameOrPath}.yaml`)) return `${nameOrPath}.yaml`;
  const shipped = names.map(shippedPath).find((path) => heldName(path) === nameOrPath);
  if (shipped !== undefined) return shipped;
  const here = yamlFiles('.').filter((path) => heldName(path) === nameOrPath);
  if (here.length < 2) return here[0] ?? null;
  throw new InputError(`${here.join(' and ')} both hold an experiment named ${nameOrPath}.`, 'Name the file.');
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => YAML.test(file))
    .map((file) => (folder === '.' ? file : join(folder, file)));
}

/** The name that an experiment's file holds at its top level; null where it says none in plain words. */
function heldName(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || !found.isFile() || found.size > BYTES_MAX) return null;
  return NAME_LINE.exec(readFileSync(path, 'utf8'))?.[2] ?? null;
}
