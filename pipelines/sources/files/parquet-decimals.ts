import type { FileMetaData, SchemaElement } from 'hyparquet';

/** Whole numbers up to here are exact, and so are powers of ten up to the second: their quotient is rounded once. */
const WHOLE_MAX = Number.MAX_SAFE_INTEGER;
const SCALE_MAX = 22;

const isDecimal = ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  converted === 'DECIMAL' || logical?.type === 'DECIMAL';

/** Digits behind the point of a decimal column. */
function scaleOf({ scale, logical_type: logical }: SchemaElement): number {
  return scale ?? (logical?.type === 'DECIMAL' ? logical.scale : 0);
}

/**
 * The metadata with decimal columns as what they are stored as. The library multiplies by a power of
 * ten below 1, which no double holds: 9,967 hundredths became 99.67000000000002 (hyparquet 116).
 */
export function withoutDecimals(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map((element) => {
    if (!isDecimal(element)) return element;
    const { converted_type: converted, logical_type: logical, ...stored } = element;
    return stored;
  });
  return { ...metadata, schema };
}

/** Big-endian two's complement of any length. */
function wholeOf(bytes: Uint8Array): bigint {
  let whole = 0n;
  for (const byte of bytes) whole = (whole << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, whole);
}

/** The nearest double to a decimal that is stored as a whole number. */
function nearestDouble(whole: number | bigint, scale: number): number {
  const number = Number(whole);
  if (Math.abs(number) <= WHOLE_MAX && scale <= SCALE_MAX) return number / 10 ** scale;
  return Number(`${whole}e${-scale}`);
}

/**
 * Reads the values of a decimal column of `withoutDecimals`: NaN for what is no number. Null for a column of another
 * kind.
 */
export function decimalReader(element: SchemaElement): ((value: unknown) => number) | null {
  if (!isDecimal(element)) return null;
  const scale = scaleOf(element);
  return (value) => {
    if (value instanceof Uint8Array) return nearestDouble(wholeOf(value), scale);
    return typeof value === 'number' || typeof value === 'bigint' ? nearestDouble(value, scale) : NaN;
  };
}
