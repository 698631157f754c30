/** Two amounts that differ by less may be one, rounded by one of two who report it. */
const PART_MAX = 0.01;

const decimalsOf = (value: number): number => {
  const [digits, power] = value.toExponential().split('e') as [string, string];
  return Math.max(0, (digits.split('.')[1]?.length ?? 0) - Number(power));
};

/** Whether one of two amounts is the other, or the other rounded: 0.092 and 0.0916667. */
export function isSameAmount(a: number, b: number): boolean {
  const apart = Math.abs(a - b);
  if (apart > PART_MAX * Math.max(a, b)) return false;
  return apart <= 0.500001 * 10 ** -Math.min(decimalsOf(a), decimalsOf(b));
}
