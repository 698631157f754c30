/**
 * A value as JSON can hold it exactly: numbers that JSON has no word for, typed arrays (the base64 of their bytes, as
 * little-endian machines have them) and what is undefined are objects with one key, which begins with `$`.
 */
export type Plain = number | boolean | string | null | Plain[] | { readonly [key: string]: Plain };

const COLUMNS = { Float64Array, Int32Array, Uint8Array, Int8Array } as const;
type ColumnKind = keyof typeof COLUMNS;

const isColumn = (value: object): value is InstanceType<(typeof COLUMNS)[ColumnKind]> =>
  Object.hasOwn(COLUMNS, value.constructor.name);

/** @throws TypeError for what is no value: a function, a Map, a symbol. */
export function toPlain(value: unknown): Plain {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (typeof value === 'boolean' || typeof value === 'string' || value === null) return value;
  if (value === undefined) return { $undefined: true };
  if (typeof value !== 'object' || value instanceof Map || value instanceof Set) {
    throw new TypeError(`a ${typeof value} cannot be saved`);
  }
  if (Array.isArray(value)) return value.map(toPlain);
  if (isColumn(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { [`$${value.constructor.name}`]: bytes.toString('base64') };
  }
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toPlain(one)]));
}

/** What `toPlain` made a value of: the same, but for classes, which are plain objects. */
export function fromPlain(plain: Plain): unknown {
  if (plain === null || typeof plain !== 'object') return plain;
  if (Array.isArray(plain)) return plain.map(fromPlain);
  const entries = Object.entries(plain);
  const [key, inner] = entries[0] ?? ['', null];
  if (entries.length === 1 && key.startsWith('$')) return special(key.slice(1), inner);
  return Object.fromEntries(entries.map(([name, one]) => [name, fromPlain(one)]));
}

function special(kind: string, inner: Plain): unknown {
  if (kind === 'number') return Number(inner);
  if (kind === 'undefined') return undefined;
  if (!Object.hasOwn(COLUMNS, kind)) throw new TypeError(`a saved state has a value of kind ${kind}`);
  // Bytes of their own: those of a small Buffer begin anywhere in a larger one.
  return new COLUMNS[kind as ColumnKind](Uint8Array.from(Buffer.from(inner as string, 'base64')).buffer);
}
