import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSeq, parse, parseDocument, type Document } from 'yaml';
import { InputError } from '../../infra/errors.ts';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import { hashOf } from '../../infra/hash.ts';
import { experimentPath, heldNameOf } from './experiment-names.ts';
import { loadExperiment } from './load-experiment.ts';

const MARK_LENGTH = 8;

/** `key=value` as the path of a key, its parts between dots, and what YAML reads of the value. */
function changeOf(text: string): { readonly key: string; readonly value: unknown } {
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
      const known = names.filter((name) => name !== undefined).join(', ');
      throw new InputError(
        `--set ${key}: there is no ${part}.`,
        `Use ${known === '' ? '' : `${known}, or `}a place from 0.`,
      );
    }
    path.push(place);
  }
  return path;
}

/**
 * Path of the experiment with the keys of `changes` (`costs.feeBps=5`) changed: a file below `dataDir` that goes by a
 * name of its own, since models, trials and comparisons belong to the experiment that they came from. Without changes,
 * what was asked for. InputError names the key that is wrong, and the nearest one.
 */
export async function changedExperiment(
  nameOrPath: string,
  changes: readonly string[],
  dataDir: string,
): Promise<string> {
  if (changes.length === 0) return nameOrPath;
  const path = experimentPath(nameOrPath);
  loadExperiment(path);
  const document = parseDocument(readFileSync(path, 'utf8'));
  const wanted = changes.map(changeOf);
  const twice = wanted.find(({ key }, at) => wanted.findIndex((other) => other.key === key) !== at);
  if (twice !== undefined) throw new InputError(`--set: ${twice.key} is given twice.`, 'Keep one of them.');
  for (const { key, value } of wanted) {
    try {
      document.setIn(pathOf(document, key), value);
    } catch (error) {
      if (error instanceof InputError) throw error;
      throw new InputError(
        `--set ${key}: there is nothing below a value that is no mapping.`,
        'Correct the key.',
        error,
      );
    }
  }
  const mark = hashOf(wanted.map(({ key, value }) => [key, value]).sort()).slice(0, MARK_LENGTH);
  const name = `${heldNameOf(nameOrPath)}-set-${mark}`;
  document.set('name', name);
  const changed = join(privateFolder(dataDir, 'changed-experiments'), `${name}.yaml`);
  await writeWholeFile(changed, document.toString());
  try {
    loadExperiment(changed);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.message.replaceAll(changed, `${nameOrPath} with --set`), error.remedy, error);
  }
  return changed;
}
