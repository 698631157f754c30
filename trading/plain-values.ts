/**
 * A value as JSON can hold it exactly: numbers that JSON has no word for, typed arrays (the base64 of their bytes, as
 * little-endian machines have them) and what is undefined are objects with one key, which begins with `$`.
 */
export type Plain = number | boolean | string | null | Plain[] | { readonly [key: string]: Plain };

const COLUMNS = { Float64Array, Int32Array, Uint8Array, Int8Array } as const;
type ColumnKind = keyof typeof COLUMNS;

const isColumn = (value: unknown): value is InstanceType<(typeof COLUMNS)[ColumnKind]> =>
  ArrayBuffer.isView(value) && Object.hasOwn(COLUMNS, value.constructor.name);

/** @throws TypeError for what is no value: a function, a Map, a symbol. */
export function toPlain(value: unknown): Plain {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && !Object.is(value, -0)) return value;
    return { $number: Object.is(value, -0) ? '-0' : String(value) };
  }
  if (typeof value === 'boolean' || typeof value === 'string' || value === null) return value;
  if (value === undefined) return { $undefined: true };
  if (Array.isArray(value)) return value.map(toPlain);
  if (isColumn(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { [`$${value.constructor.name}`]: bytes.toString('base64') };
  }
  // Own files are evaluated elsewhere: their Map is not ours.
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind !== 'Object') throw new TypeError(`a value of kind ${kind} cannot be saved`);
  const plain = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toPlain(one)]));
  return specialKey(plain) === null ? plain : { $object: plain };
}

/** The key of an object that is not what it looks like. */
function specialKey(plain: object): string | null {
  const [key, ...more] = Object.keys(plain);
  return key?.startsWith('$') === true && more.length === 0 ? key : null;
}

/** What `toPlain` made a value of: the same, but for classes, which are plain objects. */
export function fromPlain(plain: Plain): unknown {
  if (plain === null || typeof plain !== 'object') return plain;
  if (Array.isArray(plain)) return plain.map(fromPlain);
  const key = specialKey(plain);
  return key === null ? objectOf(plain) : special(key.slice(1), plain[key]!);
}

const objectOf = (plain: Plain): object =>
  Object.fromEntries(Object.entries(plain as object).map(([name, one]) => [name, fromPlain(one as Plain)]));

function special(kind: string, inner: Plain): unknown {
  if (kind === 'number') return Number(inner);
  if (kind === 'undefined') return undefined;
  if (kind === 'object') return objectOf(inner);
  if (!Object.hasOwn(COLUMNS, kind)) throw new TypeError(`a saved state has a value of kind ${kind}`);
  // Bytes of their own: those of a small Buffer begin anywhere in a larger one.
  return new COLUMNS[kind as ColumnKind](Uint8Array.from(Buffer.from(inner as string, 'base64')).buffer);
}
