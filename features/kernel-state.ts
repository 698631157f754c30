/** A kernel's memory as JSON: numbers that JSON cannot hold are words, typed arrays are objects with their kind. */
export type SavedState = number | boolean | string | null | SavedState[] | { [field: string]: SavedState };

type Fields = Record<string, unknown>;

function saveNumber(value: number): SavedState {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

function loadNumber(value: SavedState, path: string): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : undefined;
  if (number === undefined) throw new TypeError(`Saved feature state does not fit: ${path} is not a number.`);
  return number;
}

/** The memory of `value` (a number, boolean, Float64Array, array or object of those) as JSON. */
export function saveState(value: unknown): SavedState {
  if (typeof value === 'number') return saveNumber(value);
  if (typeof value === 'boolean' || typeof value === 'string' || value === null) return value;
  if (value instanceof Float64Array) return { float64: Array.from(value, saveNumber) };
  if (Array.isArray(value)) return value.map(saveState);
  if (typeof value !== 'object') throw new TypeError(`A kernel may not keep a ${typeof value} in a field.`);
  const fields = memoryOf(value as Fields);
  return Object.fromEntries(fields.map((field) => [field, saveState((value as Fields)[field])]));
}

/** The fields that hold memory: all but methods, which an object literal carries as fields. */
function memoryOf(owner: Fields): string[] {
  return Object.keys(owner).filter((field) => typeof owner[field] !== 'function');
}

function restoreField(owner: Fields, field: string, saved: SavedState, path: string): void {
  const current = owner[field];
  if (typeof current === 'number') owner[field] = loadNumber(saved, path);
  else if (typeof current === 'boolean' || typeof current === 'string' || current === null) owner[field] = saved;
  else restoreState(current, saved, path);
}

/**
 * Puts `saved` back into `target`, which was built from the same parameters. Typed arrays are filled in place.
 * Throws TypeError naming the field when the shapes differ, as after a change of version.
 */
export function restoreState(target: unknown, saved: SavedState, path = 'state'): void {
  if (saved === null || typeof saved !== 'object') throw new TypeError(`Saved feature state does not fit: ${path}.`);
  if (target instanceof Float64Array) {
    const numbers = Array.isArray(saved) ? undefined : saved['float64'];
    if (!Array.isArray(numbers) || numbers.length !== target.length) {
      throw new TypeError(`Saved feature state does not fit: ${path} wants ${target.length} numbers.`);
    }
    numbers.forEach((number, i) => {
      target[i] = loadNumber(number, `${path}[${i}]`);
    });
    return;
  }
  const owner = target as Fields;
  const fields = memoryOf(owner);
  const savedFields = saved as { [field: string]: SavedState };
  if (fields.length !== Object.keys(saved).length || fields.some((field) => !(field in savedFields))) {
    throw new TypeError(`Saved feature state does not fit: ${path} has other fields.`);
  }
  for (const field of fields) restoreField(owner, field, savedFields[field]!, `${path}.${field}`);
}
