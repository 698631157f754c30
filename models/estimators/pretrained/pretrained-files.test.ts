import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../infra/errors.ts';
import { createRandom } from '../../../infra/random.ts';
import { modelIn, readModelFile } from './model-file.ts';
import { hashOfFile, matrixOf, pathOf, SMALL_FILES, smallModels } from './testing/model-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-model-file-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = smallModels();
const x = matrixOf(small.x);
const rows = small.x.length;
const random = createRandom('corrupted');
const below = (count: number): number => Math.floor(random.next() * count);

const upOf = (model: ReturnType<typeof modelIn>): number[] => {
  const out = new Float64Array(rows * model.outputs);
  model.predict(x, rows, out);
  return Array.from({ length: rows }, (_, row) => out[row * model.outputs + 1]!);
};

/** A copy that is cut off, has a byte changed, loses or repeats a stretch, or has a digit for another. */
function corrupted(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = below(bytes.length - 1);
  const length = 1 + below(40);
  switch (below(5)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      copy[at]! ^= 1 << below(8);
      return copy;
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default: {
      const digits = [...bytes.keys()].filter((place) => bytes[place]! >= 48 && bytes[place]! <= 57);
      const place = digits[below(digits.length)]!;
      copy[place] = 48 + ((copy[place]! - 48 + 1 + below(9)) % 10);
      return copy;
    }
  }
}

/** What is wrong with a model file, as its reader says it. */
function mistakeIn(bytes: Buffer): string {
  try {
    modelIn('model', bytes);
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
}

describe('a model file of LightGBM or XGBoost', () => {
  it.each(SMALL_FILES)('%s says what Python said of rows with missing values', (file) => {
    const found = upOf(readModelFile(pathOf(file), hashOfFile(file)).model);
    found.forEach((value, row) => expect(Math.abs(value - small.up[file][row]!)).toBeLessThan(1e-6));
    expect(new Set(found).size).toBeGreaterThan(5);
  });

  it.each(SMALL_FILES)(
    '%s: two hundred corrupted copies are each refused by name, and read ones come to an end',
    (file) => {
      const bytes = readFileSync(pathOf(file));
      const path = join(folder, file);
      const places: string[] = [];
      for (let copy = 0; copy < 200; copy++) {
        const bad = corrupted(bytes);
        if (bad.equals(bytes)) continue;
        writeFileSync(path, bad);
        expect(() => readModelFile(path, hashOfFile(file))).toThrow(InputError);
        const mistake = mistakeIn(bad);
        if (mistake !== 'none') places.push(mistake);
        else expect(upOf(modelIn(path, bad)).every((value) => value >= 0 && value <= 1)).toBe(true);
      }
      expect(places.length).toBeGreaterThan(60);
      expect(places.every((words) => words.startsWith('model: '))).toBe(true);
    },
  );

  const text = readFileSync(pathOf('lightgbm-small.txt'), 'utf8');
  const lightgbm = (from: RegExp, to: string): string => mistakeIn(Buffer.from(text.replace(from, to)));
  /** The file with the sizes of its trees as they are now. */
  const resized = (from: RegExp, to: string): string => {
    const changed = text.replace(from, to);
    const parts = changed
      .slice(0, changed.indexOf('\nend of trees'))
      .split(/\n(?=Tree=)/)
      .slice(1);
    const sizes = parts.map((part) => part.length + 1).join(' ');
    return mistakeIn(Buffer.from(changed.replace(/tree_sizes=.*/, `tree_sizes=${sizes}`)));
  };

  it.each([
    ['a tree that lost a line', () => lightgbm(/split_feature=.*\n/, ''), /tree 0: has \d+ bytes, tree_sizes says/],
    ['a circle', () => resized(/left_child=\S+/, 'left_child=0'), /tree 0, node 0: child 0 is not in the tree/],
    ['a child that is not there', () => resized(/right_child=\S+/, 'right_child=77'), /tree 0, node 0: child 77/],
    ['a leaf on two nodes', () => resized(/right_child=\S+/, 'right_child=1'), /hangs on another node too/],
    [
      'an input that is not there',
      () => resized(/split_feature=\S+/, 'split_feature=9'),
      /tests input 9, and there are 5/,
    ],
    ['a number that is none', () => resized(/threshold=\S+/, 'threshold=nan'), /tree 0: threshold: nan is no number/],
    [
      'a number beyond all bounds',
      () => resized(/threshold=\S+/, 'threshold=1e999'),
      /threshold Infinity is no finite/,
    ],
    ['categories', () => resized(/num_cat=0/, 'num_cat=1'), /num_cat: it splits by categories, which are not read/],
    ['linear leaves', () => resized(/is_linear=0/, 'is_linear=1'), /linear leaves are not read/],
    ['an objective of ranks', () => lightgbm(/objective=.*/, 'objective=lambdarank'), /"lambdarank" gives neither/],
    ['a later format', () => lightgbm(/version=v4/, 'version=v9'), /version is v9; v3 and v4 are read/],
  ])('of LightGBM with %s is refused with its place', (_, mistake, words) => {
    expect(mistake()).toMatch(words);
  });

  const json = readFileSync(pathOf('xgboost-small.json'), 'utf8');
  const xgboost = (change: (model: XgboostFile) => void): string => {
    const model = JSON.parse(json) as XgboostFile;
    change(model);
    return mistakeIn(Buffer.from(JSON.stringify(model)));
  };

  it.each<[string, (model: XgboostFile) => void, RegExp]>([
    ['a circle', (m) => (treesOf(m)[1]!.left_children[1] = 0), /tree 1, node 1: child 0 is not in the tree/],
    ['a column too short', (m) => treesOf(m)[0]!.split_indices.pop(), /tree 0: split_indices: has \d+ entries/],
    ['categories', (m) => (treesOf(m)[0]!.split_type[0] = 1), /trees\.0\.split_type\.0: splits by categories/],
    ['a missing tree', (m) => treesOf(m).pop(), /trees: has 2, num_trees says 3/],
    ['another booster', (m) => (m.learner.gradient_booster.name = 'dart'), /gradient_booster\.name: only boosters/],
    ['a base that is none', (m) => (m.learner.learner_model_param.base_score = '[x]'), /base_score: "\[x\]" is not/],
    ['rounds after the best', (m) => (m.learner.attributes['best_iteration'] = '0'), /round 0 was the best/],
  ])('of XGBoost with %s is refused with its place', (_, change, words) => {
    expect(xgboost(change)).toMatch(words);
  });

  it('that is none is refused, and so is one that is not there', () => {
    expect(mistakeIn(Buffer.from('hello'))).toMatch(/begins neither as one of LightGBM nor as one of XGBoost or ONNX/);
    expect(mistakeIn(Buffer.from('{"a":1}'))).toMatch(/has neither learner/);
    expect(() => readModelFile(join(folder, 'none.txt'), undefined)).toThrow(/none\.txt: no such file/);
    expect(() => readModelFile(folder, undefined)).toThrow(/is a folder/);
  });
});

interface XgboostFile {
  readonly learner: {
    readonly attributes: Record<string, string>;
    readonly learner_model_param: { base_score: string };
    readonly gradient_booster: {
      name: string;
      readonly model: {
        readonly trees: { left_children: number[]; split_indices: number[]; split_type: number[] }[];
      };
    };
  };
}

const treesOf = (model: XgboostFile) => model.learner.gradient_booster.model.trees;
