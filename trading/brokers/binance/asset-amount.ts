/** Binance keeps amounts and prices with at most eight decimals. */
const DECIMALS = 8;
const SCALE = 10n ** BigInt(DECIMALS);

/** Most digits by which an exponent moves the point. */
const EXPONENT_MAX = 30;

/** A decimal text, also one with an exponent, in units of 1e-8, exact; null for what is none, or has more digits. */
export function amountUnits(text: string): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', part = '', exponent = '0'] = match;
  const moved = DECIMALS + Number(exponent) - part.length;
  if (Math.abs(moved) > EXPONENT_MAX + part.length) return null;
  const digits = BigInt(whole + part);
  const size = moved >= 0 ? digits * 10n ** BigInt(moved) : digits / 10n ** BigInt(-moved);
  if (moved < 0 && size * 10n ** BigInt(-moved) !== digits) return null;
  return sign === '-' ? -size : size;
}

/** Units of 1e-8 to the power of `times` as a decimal text, without zeros at its end. */
export function amountText(units: bigint, times = 1): string {
  const size = units < 0n ? -units : units;
  const scale = SCALE ** BigInt(times);
  const part = (size % scale)
    .toString()
    .padStart(DECIMALS * times, '0')
    .replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${size / scale}${part === '' ? '' : `.${part}`}`;
}

/** The nearest number to so many units of 1e-8. */
export const amountNumber = (units: bigint): number => Number(amountText(units));

/** The nearest number to a product of two amounts, as exact decimals have it. */
export const productNumber = (a: bigint, b: bigint): number => Number(amountText(a * b, 2));
