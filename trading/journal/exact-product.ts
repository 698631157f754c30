/** The shortest decimal text of a number as a whole number and a power of ten: what a NUMERIC column holds of it. */
function decimalOf(value: number): { readonly units: bigint; readonly power: number } {
  const [mantissa = '0', power = '0'] = String(value).split('e');
  const [whole = '0', part = ''] = mantissa.split('.');
  return { units: BigInt(whole + part), power: Number(power) - part.length };
}

/** The product of two finite numbers to the last decimal, as text that PostgreSQL reads as a NUMERIC. */
export function exactProduct(one: number, other: number): string {
  const [a, b] = [decimalOf(one), decimalOf(other)];
  return `${a.units * b.units}e${a.power + b.power}`;
}
