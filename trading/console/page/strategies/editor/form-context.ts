import { createContext, useContext } from 'react';
import type { Mistake } from '../strategy-queries.ts';
import { keyOf, valueAt, type Path } from './yaml-edit.ts';

/** What every field of a form needs. */
export interface Editing {
  readonly value: unknown;
  readonly mistakes: readonly Mistake[];
  readonly disabled: boolean;
  /** Another value at a path; undefined takes the key away. */
  readonly onEdit: (path: Path, value: unknown) => void;
}

export const FormContext = createContext<Editing | null>(null);

/** What stands at a path, what is wrong with it, and how it is changed. */
export function useField(path: Path): {
  readonly value: unknown;
  readonly error: string | undefined;
  readonly disabled: boolean;
  readonly edit: (value: unknown) => void;
} {
  const editing = useContext(FormContext);
  if (editing === null) throw new Error('Fields stand in a form.');
  const { value, mistakes, disabled, onEdit } = editing;
  const key = keyOf(path);
  const error = mistakes.find((one) => one.key === key)?.message;
  return { value: valueAt(value, path), error, disabled, edit: (next) => onEdit(path, next) };
}
