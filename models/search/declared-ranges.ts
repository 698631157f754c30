import { InputError } from '../../infra/errors.ts';
import { compileOwnFile } from '../../infra/own-files/compile-own-file.ts';
import { declaredRange } from '../../infra/own-files/declared-range.ts';
import { evaluateOwnFile } from '../../infra/own-files/evaluate-own-file.ts';
import type { CompiledOwnFile, OwnParameters } from '../../infra/own-files/own-file.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { ParameterRange } from './search-schema.ts';

/** The file of a user's estimator among those of an experiment; null for one that is shipped. */
export function ownEstimator({ kind, code }: Experiment['estimators'][number]): CompiledOwnFile | null {
  return kind === 'file' && typeof (code as { script?: unknown } | undefined)?.script === 'string'
    ? (code as CompiledOwnFile)
    : null;
}

/**
 * The range that the file of an estimator, or a strategy, declares for the parameter at an address:
 * `estimators.mine.softness`, `strategies.mine.parameters.lookback`.
 * @throws InputError where the address is none of a file's parameter, or the file declares no range of it
 */
export function declaredRangeAt(experiment: Experiment, address: string): ParameterRange {
  const parameter = address.split('.').at(-1)!;
  const code = ownFileAt(experiment, address);
  if (code === null) {
    throw new InputError(
      `declared is for a parameter of an estimator's file or a strategy's`,
      'Give int, float, log or choice.',
    );
  }
  const range = declaredRange(code.path, evaluateOwnFile(code) as OwnParameters, parameter);
  if ('choice' in range) return { choice: [...range.choice] };
  return 'int' in range ? { int: [...range.int] } : { float: [...range.float] };
}

/** The file that an address names a parameter of; null where it names another place. */
function ownFileAt({ estimators, strategies = [] }: Experiment, address: string): CompiledOwnFile | null {
  const [section, name, key] = address.split('.');
  if (section === 'estimators') {
    const entry = estimators.find((one) => one.name === name);
    return entry === undefined ? null : ownEstimator(entry);
  }
  const file = strategies.find((one) => one.name === name)?.file;
  if (section !== 'strategies' || key !== 'parameters' || file === undefined) return null;
  return compileOwnFile(file, 'strategy');
}

/** The experiment with each range that is left to a file written out, so that what is searched can be read. */
export function withDeclaredRanges(experiment: Experiment): Experiment {
  const { search } = experiment;
  if (search === null || Object.values(search.space).every((range) => range.declared === undefined)) return experiment;
  const space = Object.fromEntries(
    Object.entries(search.space).map(([address, range]) => [
      address,
      range.declared === undefined ? range : declaredRangeAt(experiment, address),
    ]),
  );
  return { ...experiment, search: { ...search, space } };
}
