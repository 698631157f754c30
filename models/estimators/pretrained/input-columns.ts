import { suggest } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import type { ReadModel } from './read-model.ts';

/** Features by the names of a model's inputs, or in the order of its inputs. */
export type GivenInputs = readonly string[] | Readonly<Record<string, string>>;

/**
 * The column of the experiment's features that each input of a model takes, by name; `given` says it where the names
 * are others, or where the file has none.
 * @throws InputError naming input and feature
 */
export function inputColumns(
  file: string,
  model: Pick<ReadModel, 'inputs' | 'width'>,
  given: GivenInputs | undefined,
  featureNames: readonly string[],
): number[] {
  const wanted = wantedNames(file, model, given);
  return wanted.map((name, input) => {
    const column = featureNames.indexOf(name);
    if (column !== -1) return column;
    const called = model.inputs?.[input];
    const which = called === undefined || called === name ? `input ${input}` : `input ${input} (${called})`;
    throw new InputError(
      `${file}: ${which} is "${name}", which is no feature of the experiment`,
      `${suggest(name, featureNames)} Add it to features, or say in inputs which feature it is.`,
    );
  });
}

function wantedNames(
  file: string,
  { inputs, width }: Pick<ReadModel, 'inputs' | 'width'>,
  given: GivenInputs | undefined,
): readonly string[] {
  if (Array.isArray(given)) {
    const list = given as readonly string[];
    if (list.length === width) return list;
    throw new InputError(`${file}: has ${width} inputs, and inputs names ${list.length}`, 'Name each, in their order.');
  }
  if (inputs === null) {
    throw new InputError(
      `${file}: its ${width} inputs have no names`,
      'Give inputs: a list of features in the order of the columns that it was trained on.',
    );
  }
  const byName = new Map(Object.entries((given ?? {}) as Readonly<Record<string, string>>));
  const strange = [...byName.keys()].find((name) => !inputs.includes(name));
  if (strange !== undefined) {
    throw new InputError(`${file}: inputs names "${strange}", which is no input of it`, suggest(strange, inputs));
  }
  return inputs.map((name) => byName.get(name) ?? name);
}
