import { z } from 'zod';
import type { Config } from '../../../infra/config.ts';
import { InputError } from '../../../infra/errors.ts';
import { parseYamlText, YamlError, type YamlMistake } from '../../../infra/files/yaml-file.ts';
import { isOwnFile } from '../../../infra/own-files/own-file.ts';
import { systemVendorAccess } from '../../../pipelines/vendors/vendor-access.ts';
import { checkLoaded } from '../checked-experiment.ts';
import type { Experiment } from '../experiment.ts';
import { parseExperiment } from '../load-experiment.ts';

/** How errors name a text that came from elsewhere. */
const SOURCE = 'experiment';
const NO_FILES = 'names a file: what lies on this machine is not run or read for whoever sends an experiment';

/**
 * The experiment of a text that somebody sent, checked like a file; one that names files is refused before anything
 * of them is looked at. Nothing is stored, and no bars are read.
 * @throws YamlError with line and key of every mistake, InputError for what shows only when all is put together
 */
export async function sentExperiment(text: string, { vendors }: Pick<Config, 'vendors'>): Promise<Experiment> {
  parseYamlText(WITHOUT_FILES, text, SOURCE);
  return checkLoaded(parseExperiment(text, SOURCE), SOURCE, { rules: true, vendors: systemVendorAccess(vendors) });
}

/** What is wrong with a text that somebody sent, with its place; empty where nothing is. */
export async function mistakesOf(text: string, config: Pick<Config, 'vendors'>): Promise<readonly YamlMistake[]> {
  try {
    await sentExperiment(text, config);
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return mistakesIn(error);
  }
}

/** Places of a refusal: one that has none is about a key that its words begin with, or about the whole. */
function mistakesIn(error: InputError): readonly YamlMistake[] {
  if (error instanceof YamlError) return error.mistakes;
  const [, key = '', words] = /^experiment: (?:([a-zA-Z][\w.[\]]*): )?([^]*)$/.exec(error.message) ?? [];
  return [{ line: null, key, message: `${words ?? error.message} ${error.remedy}`.trim() }];
}

const WITHOUT_FILES = z.unknown().superRefine((value, context) => {
  for (const path of filesNamed(value)) context.addIssue({ code: 'custom', path: [...path], message: NO_FILES });
});

type Path = readonly (string | number)[];

/** Where a text names a file, wherever experiments may. */
function filesNamed(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const { data, features, estimators, sizing, costs } = value as Record<string, unknown>;
  const { source, path, actions, changes } = (data ?? {}) as Record<string, unknown>;
  const short = (key: string, given: unknown): Path[] => (typeof given === 'string' && isOwnFile(given) ? [[key]] : []);
  const kinds = Array.isArray(estimators) ? (estimators as unknown[]) : [];
  return [
    ...fileKeys(value, []),
    ...(source === 'csv' ? [['data', 'source']] : []),
    ...(path === undefined ? [] : [['data', 'path']]),
    ...(actions === undefined ? [] : [['data', 'actions']]),
    ...(changes === undefined ? [] : [['data', 'changes']]),
    ...short('sizing', sizing),
    ...short('costs', costs),
    ...kinds.flatMap((entry, at) => {
      const { kind } = (entry ?? {}) as { kind?: unknown };
      return typeof kind === 'string' && isOwnFile(kind) ? [['estimators', at, 'kind']] : [];
    }),
    ...featureTexts(features).flatMap(([text, at]) => (/\.ts(?!\w)/.test(text) ? [at] : [])),
  ];
}

function featureTexts(features: unknown): [text: string, at: Path][] {
  if (typeof features === 'string') return [[features, ['features']]];
  if (!Array.isArray(features)) return featureTexts([features]);
  return features.flatMap((one: unknown, at): [string, Path][] => {
    if (typeof one === 'string') return [[one, ['features', at]]];
    const { expand } = (one ?? {}) as { expand?: unknown };
    return typeof expand === 'string' ? [[expand, ['features', at, 'expand']]] : [];
  });
}

/** Keys `file` at any depth; the text's own depth is bounded. */
function fileKeys(value: unknown, at: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value)
    ? value.map((one, index): [string | number, unknown] => [index, one])
    : Object.entries(value);
  return entries.flatMap(([key, inner]) => [
    ...(key === 'file' ? [[...at, key]] : []),
    ...fileKeys(inner, [...at, key]),
  ]);
}
