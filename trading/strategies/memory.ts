import { restoreState, saveState, type SavedState } from '../../features/kernel-state.ts';

/** What a strategy remembers, as JSON. */
export type Json = SavedState;

/** What can be taken up elsewhere: the same parameters with `restore` of a `save` go on as if nothing had happened. */
export interface Memory {
  save(): Json;
  /** TypeError naming the field for a state of other parameters or of another version. */
  restore(state: Json): void;
}

/** Saves and restores the fields of an object: numbers, typed arrays, kernels, and objects of those. */
export function memoryOf(fields: object): Memory {
  return { save: () => saveState(fields), restore: (state) => restoreState(fields, state) };
}

/** Several memories under one name each. */
export function memoriesOf(parts: Readonly<Record<string, Memory>>): Memory {
  return {
    save: () => Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()])),
    restore: (state) => {
      for (const [name, part] of Object.entries(parts)) part.restore(partOf(state, name));
    },
  };
}

/** Part `name` of a saved state. */
export function partOf(state: Json, name: string): Json {
  const parts = state === null || typeof state !== 'object' || Array.isArray(state) ? {} : state;
  if (!Object.hasOwn(parts, name)) throw new TypeError(`Saved strategy state does not fit: ${name} is missing.`);
  return parts[name]!;
}
