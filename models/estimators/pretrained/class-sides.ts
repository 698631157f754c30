import { InputError } from '../../../infra/errors.ts';
import type { ReadModel } from './read-model.ts';

/** Which classes of a model, counted from 0, say up and which down. */
export interface ClassSides {
  readonly up: readonly number[];
  readonly down: readonly number[];
}

/**
 * The classes that were named; of two classes the second is up. `down` are all others where it is not given: a class of
 * neither side (flat) is left out of account.
 * @throws InputError naming the key
 */
export function classSides(
  file: string,
  { task, outputs }: Pick<ReadModel, 'task' | 'outputs'>,
  given: { readonly up?: readonly number[] | undefined; readonly down?: readonly number[] | undefined },
): ClassSides | null {
  if (task === 'return') {
    if (given.up === undefined && given.down === undefined) return null;
    throw new InputError(`${file}: answers a return, and has no classes`, 'Leave up and down out.');
  }
  if (given.up === undefined && outputs !== 2) {
    throw new InputError(`${file}: has ${outputs} classes, and up does not say which of them are up`, 'Give up: [2].');
  }
  const up = given.up ?? [1];
  const others = Array.from({ length: outputs }, (_, one) => one).filter((one) => !up.includes(one));
  const down = given.down ?? others;
  for (const [key, list] of Object.entries({ up, down })) {
    const strange = list.find((one) => one >= outputs);
    if (list.length === 0) throw new InputError(`${file}: ${key} is empty`, 'Name a class at least.');
    if (strange === undefined) continue;
    throw new InputError(`${file}: ${key}: there is no class ${strange}`, `They are 0 to ${outputs - 1}.`);
  }
  const both = up.find((one) => down.includes(one));
  if (both !== undefined) throw new InputError(`${file}: class ${both} is in up and in down`, 'Name it once.');
  return { up, down };
}

/** Share of up in what the classes of both sides have together; one half where they have nothing. */
export function shareOfUpIn(values: Float64Array, at: number, { up, down }: ClassSides): number {
  let [rising, falling] = [0, 0];
  for (const one of up) rising += values[at + one]!;
  for (const one of down) falling += values[at + one]!;
  const both = rising + falling;
  return both > 0 ? rising / both : 0.5;
}
