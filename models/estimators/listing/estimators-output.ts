import { suggest } from '../../../features/expressions/nearest-name.ts';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { isOwnFile } from '../../../infra/own-files/own-file.ts';
import { listedParameters, type ListedParameter } from '../../../infra/own-files/listed-parameter.ts';
import {
  listedOwnFile,
  ownFileLine,
  ownFilesHere,
  type ListedOwnFile,
} from '../../../infra/own-files/own-files-here.ts';
import { plainTable } from '../../../infra/terminal/plain-table.ts';
import { ESTIMATOR_KINDS, estimatorOf } from '../registry.ts';

/** What each kind learns with, in a line. */
const DOES: Readonly<Record<string, string>> = {
  'random-forest': 'means of decision trees over random rows and features',
  'gradient-boosting': 'trees that each correct the ones before',
  'logistic-regression': 'log-odds as a weighted sum of the features',
  'ridge-regression': 'a weighted sum of the features, held small',
  'dense-network': 'a network of dense layers',
  'lstm-network': 'a recurrent network over the last rows of a symbol',
  'temporal-convolution': 'convolutions over the last rows of a symbol',
  'transformer-encoder': 'attention over the last rows of a symbol',
  pretrained: 'nothing: it brings a model of LightGBM, XGBoost or ONNX that was trained elsewhere',
  'ml-random-forest': 'the forest of ml-random-forest, as a baseline',
};

/** Those that are shipped: `file` is what stands in an experiment for one of a user's own. */
const SHIPPED = ESTIMATOR_KINDS.filter((kind) => kind !== 'file');

const parametersOf = (kind: string): ListedParameter[] => listedParameters(estimatorOf(kind).params, 'any');

const shownDefault = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every estimator that an experiment may name and the files of this folder that are one, with their parameters. */
export function estimatorsOutput(): CommandOutput {
  const shipped = SHIPPED.map((name) => ({ name, does: DOES[name] ?? '', parameters: parametersOf(name) }));
  const own = ownFilesHere('estimator');
  const rows = [
    ...shipped.map(({ name, does, parameters }) => [
      name,
      does,
      parameters.map((one) => `${one.name}=${shownDefault(one.default)}`).join('\n'),
    ]),
    ...own.map((one) => [one.file, 'your own', ownFileLine(one)]),
  ];
  const hint =
    'One of your own is a file: estimators: [{ name: mine, kind: ./mine.ts }]. estimators show NAME has bounds.';
  return {
    value: [...shipped, ...own],
    text: () => `${plainTable(['estimator', 'learns', 'parameters'], rows)}\n${hint}`,
  };
}

/** One estimator with the bounds of its parameters. InputError with the nearest name for one that there is not. */
export function estimatorOutput(asked: string): CommandOutput {
  if (isOwnFile(asked)) return ownOutput(listedOwnFile(asked, 'estimator'));
  const name = SHIPPED.find((kind) => kind === asked);
  if (name === undefined) throw new InputError(`unknown estimator "${asked}"`, suggest(asked, SHIPPED));
  const parameters = parametersOf(name);
  const does = DOES[name] ?? '';
  return { value: { name, does, parameters }, text: () => shown(`${name}: ${does}`, name, parameters) };
}

function ownOutput(own: ListedOwnFile): CommandOutput {
  const { file, mistake, parameters } = own;
  if (mistake !== null) throw new InputError(mistake, 'Correct the file.');
  return { value: own, text: () => shown(`${file}: your own`, file, parameters) };
}

function shown(head: string, kind: string, parameters: readonly ListedParameter[]): string {
  const table = plainTable(
    ['parameter', 'type', 'default', { number: 'least' }, { number: 'most' }],
    parameters.map((one) => [
      one.name,
      one.oneOf?.join(' or ') ?? one.type,
      shownDefault(one.default),
      one.minimum,
      one.maximum,
    ]),
  );
  const entry = `estimators: [{ name: mine, kind: ${kind} }]`;
  return [head, ...(parameters.length === 0 ? ['It has no parameters.'] : [table]), entry].join('\n');
}
