/** Binance keeps amounts and prices with at most eight decimals. */
const DECIMALS = 8;
const SCALE = 10n ** BigInt(DECIMALS);

/** A decimal text in units of 1e-8, exact; null for what is none, or has more digits. */
export function amountUnits(text: string): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+?)0*)?$/.exec(text);
  if (match === null || (match[3] ?? '').length > DECIMALS) return null;
  const size = BigInt(match[2]!) * SCALE + BigInt((match[3] ?? '').padEnd(DECIMALS, '0'));
  return match[1] === '-' ? -size : size;
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
