import type { FeatureSet, FeatureSetOptions } from '../../features/feature-set.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import type { BarFeature } from '../../features/kernel.ts';
import { FEATURES } from '../../features/registry.ts';
import { InputError } from '../../infra/errors.ts';
import { compileOwnFile } from '../../infra/own-files/compile-own-file.ts';
import type { CompiledOwnFile } from '../../infra/own-files/own-file.ts';
import { ownFeatureDefinition } from './own-feature-definition.ts';

type FeatureTexts = string | readonly string[];

/** A file in an expression: `./my-feature.ts`, `lag(./my-feature.ts(10),3)`. */
const FILE = /[^\s(),"=@|{}]+\.ts(?!\w)/g;

/**
 * The files that expressions name, compiled, each once.
 * @throws InputError that lists mistakes as file:line:column.
 */
export function featureFilesIn(features: FeatureTexts): CompiledOwnFile[] {
  const paths = [features].flat().flatMap((text) => text.match(FILE) ?? []);
  return [...new Set(paths)].map((path) => compileOwnFile(path, 'feature'));
}

/**
 * Like `parseFeatureSet`, with files of the user's own among the expressions. The text of a file is part of the set's
 * hash; its columns are named as the file names the feature.
 * @param files compiled before; those that are named in `features` by default
 */
export function parseFeaturesWithFiles(
  features: FeatureTexts,
  options: FeatureSetOptions,
  files: readonly CompiledOwnFile[] = featureFilesIn(features),
): FeatureSet {
  if (files.length === 0) return parseFeatureSet(features, options);
  const named = new Map(files.map((file) => [file.path, definitionOf(file)]));
  const registry = new Map<string, typeof FEATURES extends ReadonlyMap<string, infer Known> ? Known : never>(FEATURES);
  for (const [path, definition] of named) {
    if (registry.has(definition.name)) {
      throw new InputError(`${path}: name: another file has the name ${definition.name} too`, 'Rename one of them.');
    }
    registry.set(definition.name, definition);
  }
  const written = (text: string): string =>
    text.replaceAll(FILE, (path, at: number) => {
      const { name } = named.get(path)!;
      return text[at + path.length] === '(' ? name : `${name}()`;
    });
  const texts = typeof features === 'string' ? written(features) : features.map(written);
  return parseFeatureSet(texts, { ...options, registry });
}

const DEFINED = new Map<CompiledOwnFile, BarFeature>();

/** One for each file: what it has told of itself need not be asked again. */
function definitionOf(file: CompiledOwnFile): BarFeature {
  const known = DEFINED.get(file) ?? ownFeatureDefinition(file);
  DEFINED.set(file, known);
  return known;
}
