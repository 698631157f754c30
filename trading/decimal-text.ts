/** Steps of a decimal number that a double holds. */
const DECIMALS_MAX = 100;

/**
 * The shortest decimal that reads back as `value`, in plain digits: what leaves for a venue, never `1e-7`. `value` is
 * on its grid already, the nearest double to a decimal of few digits.
 * @throws RangeError for what is no finite number
 */
export function decimalText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${value} has no digits`);
  const text = String(value);
  const [digits, power] = text.split('e') as [string, string | undefined];
  if (power === undefined) return text;
  if (Number(power) > 0) return BigInt(value).toString();
  const decimals = (digits.split('.')[1]?.length ?? 0) - Number(power);
  return value.toFixed(Math.min(DECIMALS_MAX, decimals));
}
