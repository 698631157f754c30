import { InputError } from '../../infra/errors.ts';
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
 * The range that an estimator's file declares for the parameter at an address, `estimators.mine.softness`.
 * @throws InputError where the address is none of a file's parameter, or the file declares no range of it
 */
export function declaredRangeAt({ estimators }: Experiment, address: string): ParameterRange {
  const [section, name, parameter = ''] = address.split('.');
  const entry = section === 'estimators' ? estimators.find((one) => one.name === name) : undefined;
  const code = entry === undefined ? null : ownEstimator(entry);
  if (code === null) {
    throw new InputError(`declared is for a parameter of an estimator's file`, 'Give int, float, log or choice.');
  }
  const range = declaredRange(code.path, evaluateOwnFile(code) as OwnParameters, parameter);
  if ('choice' in range) return { choice: [...range.choice] };
  return 'int' in range ? { int: [...range.int] } : { float: [...range.float] };
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
