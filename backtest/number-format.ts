import { amountDecimals } from '../trading/amount-text.ts';

/**
 * Numbers for people, in English notation: 1,234.50, true minus signs, fixed decimals, so that columns align. JSON
 * never passes through here.
 */

const NO_BREAK = '\u00a0';
const MINUS = '\u2212';

function grouped(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  const [whole, rest] = text.split('.');
  const withCommas = whole!.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = value < 0 && /[1-9]/.test(text) ? MINUS : '';
  return `${sign}${withCommas}${rest === undefined ? '' : `.${rest}`}`;
}

/** Shown where a figure is null: the reason stands elsewhere. */
const NO_FIGURE = 'n/a';

/** `1,234.57`; `n/a` for null. */
export function decimal(value: number | null, digits = 2): string {
  return value === null ? NO_FIGURE : grouped(value, digits);
}

/** Money or a price: two decimals, or as many as show it: `0.00000012`. */
export function amount(value: number | null): string {
  return value === null ? NO_FIGURE : grouped(value, amountDecimals(value));
}

/** A quantity without its sign and without zeros at the end: `12`, `0.0315`. */
export function units(value: number): string {
  return grouped(Math.abs(value), 8).replace(/\.?0+$/, '');
}

/** A fraction as a percentage: 0.1234 is `12.34 %`. */
export function percent(value: number | null, digits = 2): string {
  return value === null ? NO_FIGURE : `${grouped(value * 100, digits)} %`;
}

/** A probability with three decimals that never reads as certainty: `> 0.999` and `< 0.001` at the ends. */
export function probability(value: number | null): string {
  if (value === null) return NO_FIGURE;
  if (value >= 0.9995) return `>${NO_BREAK}0.999`;
  return value < 0.0005 ? `<${NO_BREAK}0.001` : value.toFixed(3);
}

/** `1 trade`, `2 trades`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${grouped(count, 0)} ${count === 1 ? noun : nouns}`;
}

/** `1 trading day`, `1,250 trading days`. */
export function dayCount(days: number): string {
  return plural(days, 'trading day');
}
