import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../../../../infra/hash.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Small files as `models.py` left them. */
export const SMALL_FILES = ['lightgbm-small.txt', 'xgboost-small.json', 'xgboost-small.ubj'] as const;
export type SmallFile = (typeof SMALL_FILES)[number];

export const pathOf = (file: SmallFile): string => `${folder}${file}`;
export const hashOfFile = (file: SmallFile): string => sha256(readFileSync(pathOf(file)));

/** Rows with missing values, and what the Python that trained the files said of them. */
export interface SmallModels {
  readonly names: readonly string[];
  readonly x: readonly (readonly (number | null)[])[];
  /** Probability of the second class, by file. */
  readonly up: Readonly<Record<SmallFile, readonly number[]>>;
}

export function smallModels(): SmallModels {
  return JSON.parse(readFileSync(`${folder}small-models.json`, 'utf8')) as SmallModels;
}

/** Row-major numbers, NaN where one is missing. */
export function matrixOf(x: SmallModels['x']): Float64Array {
  return Float64Array.from(x.flat(), (value) => value ?? NaN);
}
