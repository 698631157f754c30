import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isSeq, parse, parseDocument, type Document } from 'yaml';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { keyPath, lineInYaml } from '../../infra/files/yaml-file.ts';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { hashOf } from '../../infra/hash.ts';
import { experimentPath, heldNameOf } from './experiment-names.ts';
import { loadExperiment } from './load-experiment.ts';

const MARK_LENGTH = 8;

interface Change {
  readonly key: string;
  readonly value: unknown;
}

/** `key=value` as the path of a key, its parts between dots, and what YAML reads of the value. */
function changeOf(text: string): Change {
  const at = text.indexOf('=');
  const key = text.slice(0, at).trim();
  const given = text.slice(at + 1);
  if (at < 1 || key === '' || given.trim() === '') {
    throw new InputError(`--set ${text}: not of the form key=value.`, 'Write it as --set costs.feeBps=5.');
  }
  if (key === 'name') throw new InputError('--set name: a changed experiment gets a name of its own.', 'Leave it out.');
  try {
    return { key, value: parse(given) };
  } catch (error) {
    throw new InputError(`--set ${text}: the value is no YAML.`, 'Quote what has special characters.', error);
  }
}

/** Members of a list go by their place, counted from 0, or by the name that they have. */
function pathOf(document: Document, key: string): (string | number)[] {
  const path: (string | number)[] = [];
  for (const part of key.split('.')) {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    if (!isSeq(node)) {
      path.push(part);
      continue;
    }
    const names = (node.toJSON() as ({ name?: unknown } | null)[]).map((one) => one?.name);
    const place = /^\d+$/.test(part) ? Number(part) : names.indexOf(part);
    if (!(place >= 0 && place < names.length)) {
      const named = names.filter((name) => typeof name === 'string');
      const known = named.join(', ');
      const nearest = nearestName(part, named);
      const hint = nearest === null ? '.' : `; did you mean ${nearest}?`;
      throw new InputError(
        `--set ${key}: there is no ${part}${hint}`,
        `Use ${known === '' ? '' : `${known}, or `}a place from 0.`,
      );
    }
    path.push(place);
  }
  return path;
}

/** The YAML of an experiment with keys changed, and the paths of these. */
function changedDocument(
  text: string,
  wanted: readonly Change[],
): { document: Document; paths: (string | number)[][] } {
  const document = parseDocument(text);
  const paths = wanted.map(({ key, value }) => {
    try {
      const path = pathOf(document, key);
      document.setIn(path, value);
      return path;
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        `--set ${key}: there is nothing below a value that is no mapping.`,
        'Correct the key.',
        error,
      );
    }
  });
  return { document, paths };
}

/** Of changes those that make another experiment. What cannot be by itself may be right beside the others. */
async function effective(
  wanted: readonly Change[],
  { text, path, folder }: { readonly text: string; readonly path: string; readonly folder: string },
): Promise<readonly Change[]> {
  const before = hashOf(loadExperiment(path));
  // A folder of its own: two commands may look at the same time.
  const place = mkdtempSync(join(folder, 'looked-at-'));
  const made: Change[] = [];
  try {
    for (const change of wanted) {
      const file = join(place, 'alone.yaml');
      await writeWholeFile(file, changedDocument(text, [change]).document.toString());
      if (readableHash(file) !== before) made.push(change);
    }
  } finally {
    rmSync(place, { recursive: true });
  }
  return made;
}

/** Of the experiment in `file`; null where that is none. */
function readableHash(file: string): string | null {
  try {
    return hashOf(loadExperiment(file));
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

/**
 * A mistake of a changed experiment, told of the file that it was made from: with the line of that, where it has the
 * key that was set.
 */
function toldOf(
  error: InputError,
  { copy, path, text, paths }: { copy: string; path: string; text: string; paths: readonly (string | number)[][] },
): InputError {
  const lines = error.message.split('\n').map((line) => {
    const words = line.startsWith(copy) ? line.slice(copy.length).replace(/^:\d+/, '') : null;
    if (words === null) return line;
    const set = paths.find((one) => words.includes(keyPath(one)));
    const at = set === undefined ? null : lineInYaml(text, set);
    return `${path}${at === null ? '' : `:${at}`} with --set${words}`;
  });
  return new InputError(lines.join('\n'), error.remedy, error);
}

/**
 * Path of the experiment with the keys of `changes` (`costs.feeBps=5`) changed: a file below `dataDir` that goes by a
 * name of its own, since models, trials and comparisons belong to the experiment that they came from. What was asked
 * for where nothing is changed: keys set to what they are make no other experiment. InputError names the key that is
 * wrong, the line of it in the file, and the nearest one.
 */
export async function changedExperiment(
  nameOrPath: string,
  changes: readonly string[],
  dataDir: string,
): Promise<string> {
  if (changes.length === 0) return nameOrPath;
  const path = experimentPath(nameOrPath);
  loadExperiment(path);
  const text = readFileSync(path, 'utf8');
  const wanted = changes.map(changeOf);
  const twice = wanted.find(({ key }, at) => wanted.findIndex((other) => other.key === key) !== at);
  if (twice !== undefined) throw new InputError(`--set: ${twice.key} is given twice.`, 'Keep one of them.');
  const folder = privateFolder(dataDir, 'changed-experiments');
  const made = await effective(wanted, { text, path, folder });
  if (made.length === 0) return nameOrPath;
  const { document, paths } = changedDocument(text, made);
  const mark = hashOf(made.map(({ key, value }) => [key, value]).sort()).slice(0, MARK_LENGTH);
  const name = `${heldNameOf(nameOrPath)}-set-${mark}`;
  document.set('name', name);
  const copy = join(folder, `${name}.yaml`);
  await writeWholeFile(copy, document.toString());
  try {
    loadExperiment(copy);
  } catch (error) {
    throw error instanceof InputError ? toldOf(error, { copy, path, text, paths }) : error;
  }
  return copy;
}
