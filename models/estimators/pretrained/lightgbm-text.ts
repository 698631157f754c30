import { InputError } from '../../../infra/errors.ts';
import { linkOf, lightgbmModel, type LightgbmHeader } from './lightgbm-model.ts';
import type { ReadModel } from './read-model.ts';
import { MISSING, type Missing, type ReadNode, type ReadTree } from './threshold-trees.ts';

const remedy = 'Save it again with save_model, or copy the file again.';

/** Lines `key=value` of one part of the file; a key alone, as `average_output` is, has an empty value. */
type Part = ReadonlyMap<string, string>;

function partOf(lines: readonly string[]): Part {
  return new Map(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/**
 * The model of a text file of LightGBM, as `save_model` writes it.
 * @throws InputError naming file, tree and key
 */
export function readLightgbmText(file: string, text: string): ReadModel {
  const end = text.indexOf('\nend of trees');
  if (end === -1) throw new InputError(`${file}: is cut off: it has no line "end of trees"`, remedy);
  const [head, ...parts] = text.slice(0, end).split(/\n(?=Tree=)/);
  const header = headerOf(file, partOf(head!.split('\n')));
  assertSizes(file, partOf(head!.split('\n')), parts);
  const trees = parts.map((part, index) => treeOf(`${file}: tree ${index}`, index, part));
  return lightgbmModel(file, header, trees);
}

/** Whole numbers written apart by blanks. */
function numbersOf(place: string, part: Part, key: string, count: number): number[] {
  const text = part.get(key);
  if (text === undefined) throw new InputError(`${place}: ${key} is missing`, remedy);
  const words = text === '' ? [] : text.split(' ');
  if (words.length !== count)
    throw new InputError(`${place}: ${key} has ${words.length} numbers, not ${count}`, remedy);
  return words.map((word) => numberOf(`${place}: ${key}`, word));
}

function numberOf(place: string, word: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
  throw new InputError(`${place}: ${word === '' ? 'nothing' : word} is no number`, remedy);
}

function wholeOf(place: string, part: Part, key: string): number {
  const value = numbersOf(place, part, key, 1)[0]!;
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InputError(`${place}: ${key} is ${value}, which is no count`, remedy);
}

function headerOf(file: string, part: Part): LightgbmHeader {
  const version = part.get('version') ?? 'none';
  if (!['v3', 'v4'].includes(version)) {
    throw new InputError(`${file}: version is ${version}; v3 and v4 are read`, 'Save it with LightGBM 3 or 4.');
  }
  const width = wholeOf(file, part, 'max_feature_idx') + 1;
  const names = (part.get('feature_names') ?? '').split(' ');
  if (names.length !== width || names.includes('')) {
    throw new InputError(`${file}: feature_names has ${names.length} names, max_feature_idx says ${width}`, remedy);
  }
  return {
    width,
    names,
    link: linkOf(file, part.get('objective') ?? 'none'),
    outputs: wholeOf(file, part, 'num_tree_per_iteration'),
    classes: wholeOf(file, part, 'num_class'),
    averaged: part.has('average_output'),
  };
}

/** The file says how long each tree is: whoever changed one by hand or lost a line is noticed. */
function assertSizes(file: string, head: Part, trees: readonly string[]): void {
  const sizes = numbersOf(file, head, 'tree_sizes', trees.length);
  trees.forEach((part, index) => {
    // The split took the line's end between two trees.
    const bytes = Buffer.byteLength(part) + 1;
    if (bytes === sizes[index]) return;
    throw new InputError(`${file}: tree ${index}: has ${bytes} bytes, tree_sizes says ${sizes[index]}`, remedy);
  });
}

function treeOf(place: string, index: number, text: string): Omit<ReadTree, 'output'> {
  const part = partOf(text.split('\n').filter((line) => line !== ''));
  if (part.get('Tree') !== String(index)) throw new InputError(`${place}: is called ${part.get('Tree')}`, remedy);
  if (wholeOf(place, part, 'num_cat') > 0) {
    throw new InputError(
      `${place}: num_cat: it splits by categories, which are not read`,
      'Train it without categorical features: features of an experiment are numbers.',
    );
  }
  if ((part.get('is_linear') ?? '0') !== '0') {
    throw new InputError(`${place}: is_linear: linear leaves are not read`, 'Train it with linear_tree=false.');
  }
  const leaves = wholeOf(place, part, 'num_leaves');
  const values = numbersOf(place, part, 'leaf_value', leaves);
  const inner = leaves - 1;
  const column = (key: string): number[] => (inner < 1 ? [] : numbersOf(place, part, key, inner));
  const [features, cuts, types] = [column('split_feature'), column('threshold'), column('decision_type')];
  const [lefts, rights] = [column('left_child'), column('right_child')];
  // Children below 0 are leaves: -1 is leaf 0. They come after the cuts.
  const childOf = (child: number): number => (child < 0 ? inner - child - 1 : child);
  const nodes = cuts.map((threshold, at): ReadNode => {
    const feature = features[at]!;
    if (!(Number.isInteger(feature) && feature >= 0)) {
      throw new InputError(`${place}, node ${at}: split_feature is ${feature}`, remedy);
    }
    const cut = { feature, threshold, left: childOf(lefts[at]!), right: childOf(rights[at]!), value: 0 };
    return { ...cut, ...decisionOf(`${place}, node ${at}`, types[at]!) };
  });
  const leaf = { feature: -1, threshold: 0, left: 0, right: 0, missing: MISSING.none, defaultLeft: false };
  return { nodes: [...nodes, ...values.map((value) => ({ ...leaf, value }))] };
}

/** Bit 0: by categories; bit 1: missing values go left; bits 2 and 3: what is missing. */
function decisionOf(place: string, type: number): Pick<ReadNode, 'missing' | 'defaultLeft'> {
  const missing = type >> 2;
  if (!Number.isInteger(type) || type < 0 || (type & 1) === 1 || missing > MISSING.nan) {
    throw new InputError(`${place}: decision_type ${type} is not known`, remedy);
  }
  return { missing: missing as Missing, defaultLeft: (type & 2) !== 0 };
}
