/** Significant digits of an amount that two decimals would hide. */
const DIGITS = 3;

/**
 * Decimals that an amount of money or a price is shown with: two; where those would hide it (0.00000012, a fee of
 * 0.0004), three significant digits, without zeros at the end.
 */
export function amountDecimals(value: number): number {
  const size = Math.abs(value);
  if (!(size > 0 && size < 0.1)) return 2;
  // As a number writes itself: 1.2e-7 has its first digit in the 7th place.
  const least = DIGITS - 1 - Number(size.toExponential().split('e')[1]);
  const text = size.toFixed(Math.min(100, least)).replace(/0+$/, '');
  return Math.max(2, text.length - text.indexOf('.') - 1);
}

/** An amount of money or a price in plain digits: `1234.50`, `0.00000012`. */
export function amountText(value: number): string {
  return value.toFixed(amountDecimals(value));
}
