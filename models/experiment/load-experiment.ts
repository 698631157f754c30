import { nearestName } from '../../features/expressions/nearest-name.ts';
import { z } from 'zod';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { CompiledOwnFile } from '../../infra/own-files/own-file.ts';
import { featureFilesIn } from '../../pipelines/own-features/own-feature-set.ts';
import { hashOf } from '../../infra/hash.ts';
import { parseYamlText, readYamlText } from '../../infra/files/yaml-file.ts';
import { ESTIMATOR_KINDS, estimatorOf } from '../estimators/registry.ts';
import { experimentPath } from './experiment-names.ts';
import { experimentName, experimentSchema, limitsOf, type Experiment } from './experiment.ts';
import { fileEstimatorEntry } from './own-file-schema.ts';
import { PRETRAINED } from '../estimators/pretrained/pretrained-params.ts';
import { pretrainedEntry } from '../estimators/pretrained/pretrained-entry.ts';
import { buyingPower } from './limits-schema.ts';
import { learns } from './strategies-schema.ts';
import { searchMistakes } from '../search/apply-parameters.ts';
import { withDeclaredRanges } from '../search/declared-ranges.ts';

/**
 * Reads and resolves an experiment: every key checked, every default filled in, each estimator's parameters checked by
 * the estimator's own schema. InputError names the file, the line, the key and the nearest valid one.
 */
export function loadExperiment(nameOrPath: string): Experiment {
  const path = experimentPath(nameOrPath);
  return parseExperiment(readYamlText(path), path);
}

/** The same of a text; `path` names it in errors. */
export function parseExperiment(text: string, path: string): Experiment {
  // Two readings: which parameters are valid is known once the kinds are.
  const { estimators } = parseYamlText(experimentSchema, text, path);
  const entries = estimators.map(entrySchema);
  const detailed = experimentSchema
    .extend({
      name: experimentName,
      estimators: z
        .tuple([entries[0]!, ...entries.slice(1)])
        .prefault(estimators as never)
        .superRefine(requireOwnNames),
    })
    .superRefine((experiment, context) => {
      for (const { path: at, message } of searchMistakes(experiment as Experiment)) {
        context.addIssue({ code: 'custom', path: [...at], message });
      }
      for (const { path: at, message } of sizingMistakes(experiment as Experiment)) {
        context.addIssue({ code: 'custom', path: [...at], message });
      }
    });
  const experiment = withDeclaredRanges(parseYamlText(detailed, text, path) as Experiment);
  const featureFiles = filesOf(experiment, path);
  return featureFiles.length === 0 ? experiment : { ...experiment, featureFiles };
}

/** Whether an experiment trades rules alone, which learn nothing. InputError as `loadExperiment` throws it. */
export function isOfRules(nameOrPath: string): boolean {
  return !learns(loadExperiment(nameOrPath));
}

function filesOf({ features }: Experiment, path: string): CompiledOwnFile[] {
  try {
    return featureFilesIn(features);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path}: features: ${error.message}`, error.remedy, error);
  }
}

/** What a size asks for that limits or protection do not give. */
function sizingMistakes(experiment: Experiment): { readonly path: readonly string[]; readonly message: string }[] {
  const { sizing, protection } = experiment;
  const power = buyingPower(limitsOf(experiment));
  const mistakes = [];
  if (sizing.fraction > power) {
    const message = `must be at most ${power}: more takes credit, limits: { margin: { initial: 0.5, maintenance: 0.25 } }`;
    mistakes.push({ path: ['sizing', 'fraction'], message });
  }
  const stop = protection?.stopLoss ?? protection?.trailing ?? null;
  if (sizing.kind === 'risk-per-trade' && stop === null) {
    const message = 'risk-per-trade measures the way to a stop: add protection: { stopLoss: { atr: 2 } }';
    mistakes.push({ path: ['sizing', 'kind'], message });
  }
  return mistakes;
}

/** What an estimator of the entry's kind may hold: name, kind and its parameters. */
function entrySchema({ kind }: Experiment['estimators'][number]): z.ZodType {
  if (!ESTIMATOR_KINDS.includes(kind)) {
    const nearest = nearestName(kind, ESTIMATOR_KINDS, Infinity);
    const error = `unknown estimator "${kind}"; did you mean ${nearest}? There are: ${ESTIMATOR_KINDS.join(', ')}`;
    return z.looseObject({ kind: z.string().refine(() => false, { error }) });
  }
  if (kind === 'file') return fileEstimatorEntry;
  if (kind === PRETRAINED) return pretrainedEntry;
  const { params } = estimatorOf(kind);
  if (!(params instanceof z.ZodObject)) throw new SignalboxError(`The parameters of ${kind} are no object schema.`);
  return params.safeExtend({ name: z.string(), kind: z.literal(kind) });
}

function requireOwnNames(entries: readonly unknown[], context: z.RefinementCtx): void {
  const names = entries.map((entry) => (entry as { name?: unknown }).name);
  const seen = new Set<unknown>();
  const twice = names.findIndex((name) => seen.size === seen.add(name).size);
  if (twice === -1) return;
  const message = `${String(names[twice])} is used twice; give each estimator a name of its own`;
  context.addIssue({ code: 'custom', path: [twice, 'name'], message });
}

/** Parameters of one estimator as its schema resolved them. */
export function estimatorParams(entry: Experiment['estimators'][number]): Record<string, unknown> {
  const { name: _name, kind: _kind, ...params } = entry;
  return params;
}

/**
 * Identity of a resolved experiment: everything that can change a result, not its name, description, monitoring or
 * search. A model's life is left out while it is the tested one, which refuses nothing in a backtest.
 */
export function experimentHash(experiment: Experiment): string {
  const {
    name: _name,
    description: _description,
    monitoring: _monitoring,
    search: _search,
    registry,
    ...rest
  } = experiment;
  return hashOf(registry.expiresAfterDays === 'tested' ? rest : { ...rest, registry });
}
